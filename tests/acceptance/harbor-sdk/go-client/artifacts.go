package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/artifact"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) artifacts() {
	const tag = "stable"

	s.check("CopyArtifact", func() error {
		got, err := s.copyImage()
		if err != nil {
			return err
		}
		return holds("Location ends with the digest", strings.HasSuffix(got.Location, "/artifacts/"+s.digest))
	})
	s.check("createTag", func() error {
		_, err := s.api.Artifact.CreateTag(s.ctx, &artifact.CreateTagParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
			Tag:            &models.Tag{Name: tag},
		})
		return err
	})
	s.check("listTags", func() error {
		names, err := s.tagNames()
		if err != nil {
			return err
		}
		return holds("the tag is listed", slices.Contains(names, tag))
	})
	s.check("listArtifacts", func() error {
		got, err := s.api.Artifact.ListArtifacts(s.ctx, &artifact.ListArtifactsParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
		})
		if err != nil {
			return err
		}
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("digest", got.Payload[0].Digest, s.digest),
			holds("it has tags", len(got.Payload[0].Tags) > 0),
		)
	})
	s.check("addLabel", func() error {
		_, err := s.api.Artifact.AddLabel(s.ctx, &artifact.AddLabelParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
			Label:          &models.Label{ID: s.labelID},
		})
		return err
	})
	s.check("getArtifact", func() error {
		got, err := s.artifact(tag)
		if err != nil {
			return err
		}
		return errors.Join(
			same("digest", got.Digest, s.digest),
			same("type", got.Type, "IMAGE"),
			same("the number of accessories", len(got.Accessories), 1),
			same("the label", got.Labels[0].ID, s.labelID),
		)
	})
	s.check("removeLabel", func() error {
		_, err := s.api.Artifact.RemoveLabel(s.ctx, &artifact.RemoveLabelParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
			LabelID:        s.labelID,
		})
		if err != nil {
			return err
		}
		got, err := s.artifact(s.digest)
		if err != nil {
			return err
		}
		return same("the number of labels", len(got.Labels), 0)
	})
	s.check("listAccessories", func() error {
		got, err := s.api.Artifact.ListAccessories(s.ctx, &artifact.ListAccessoriesParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
		})
		if err != nil {
			return err
		}
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("type", got.Payload[0].Type, "signature.notation"),
			same("subject_artifact_digest", got.Payload[0].SubjectArtifactDigest, s.digest),
		)
	})
	s.check("getAddition", func() error {
		// Harbor sends the build history as a list of JSON, for which the SDK has no type but string.
		var mistyped *json.UnmarshalTypeError
		if err := s.addition("build_history"); !errors.As(err, &mistyped) || mistyped.Value != "array" {
			return fmt.Errorf("expected an array, got: %w", orNothing(err))
		}
		return refused[*artifact.GetAdditionBadRequest](s.addition("values.yaml"))
	})
	s.check("deleteTag", func() error {
		_, err := s.api.Artifact.DeleteTag(s.ctx, &artifact.DeleteTagParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
			TagName:        tag,
		})
		if err != nil {
			return err
		}
		names, err := s.tagNames()
		if err != nil {
			return err
		}
		return holds("the tag is gone", !slices.Contains(names, tag))
	})
}

func (s *story) copyImage() (*artifact.CopyArtifactCreated, error) {
	return s.api.Artifact.CopyArtifact(s.ctx, &artifact.CopyArtifactParams{
		ProjectName:    projectName,
		RepositoryName: repositoryName,
		From:           s.image,
	})
}

func (s *story) artifact(reference string) (*models.Artifact, error) {
	got, err := s.api.Artifact.GetArtifact(s.ctx, &artifact.GetArtifactParams{
		ProjectName:    projectName,
		RepositoryName: repositoryName,
		Reference:      reference,
		WithAccessory:  ptr(true),
		WithLabel:      ptr(true),
	})
	if err != nil {
		return nil, err
	}
	return got.Payload, nil
}

func (s *story) tagNames() ([]string, error) {
	got, err := s.api.Artifact.ListTags(s.ctx, &artifact.ListTagsParams{
		ProjectName:    projectName,
		RepositoryName: repositoryName,
		Reference:      s.digest,
	})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, tag := range got.Payload {
		names = append(names, tag.Name)
	}
	return names, nil
}

func (s *story) addition(name string) error {
	_, err := s.api.Artifact.GetAddition(s.ctx, &artifact.GetAdditionParams{
		ProjectName:    projectName,
		RepositoryName: repositoryName,
		Reference:      s.digest,
		Addition:       name,
	})
	return err
}

func (s *story) removeArtifact() {
	s.check("deleteArtifact", func() error {
		_, err := s.api.Artifact.DeleteArtifact(s.ctx, &artifact.DeleteArtifactParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
		})
		if err != nil {
			return err
		}
		_, err = s.artifact(s.digest)
		return refused[*artifact.GetArtifactNotFound](err)
	})
}

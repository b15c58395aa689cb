package main

import (
	"errors"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/repository"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) repositories() {
	const fullName = projectName + "/" + repositoryName
	const description = "Copied for the workshop"

	s.check("listRepositories", func() error {
		got, err := s.api.Repository.ListRepositories(s.ctx, &repository.ListRepositoriesParams{ProjectName: projectName})
		if err != nil {
			return err
		}
		return errors.Join(same("X-Total-Count", got.XTotalCount, 1), same("name", got.Payload[0].Name, fullName))
	})
	s.check("listAllRepositories", func() error {
		got, err := s.api.Repository.ListAllRepositories(s.ctx, &repository.ListAllRepositoriesParams{
			Q: ptr("name=" + fullName),
		})
		if err != nil {
			return err
		}
		return errors.Join(same("X-Total-Count", got.XTotalCount, 1), same("name", got.Payload[0].Name, fullName))
	})
	s.check("updateRepository", func() error {
		_, err := s.api.Repository.UpdateRepository(s.ctx, &repository.UpdateRepositoryParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Repository:     &models.Repository{Description: description},
		})
		return err
	})
	s.check("getRepository", func() error {
		got, err := s.repository()
		if err != nil {
			return err
		}
		return errors.Join(
			same("name", got.Name, fullName),
			same("artifact_count", got.ArtifactCount, 1),
			same("description", got.Description, description),
		)
	})
}

func (s *story) repository() (*models.Repository, error) {
	got, err := s.api.Repository.GetRepository(s.ctx, &repository.GetRepositoryParams{
		ProjectName:    projectName,
		RepositoryName: repositoryName,
	})
	if err != nil {
		return nil, err
	}
	return got.Payload, nil
}

func (s *story) removeRepository() {
	s.check("deleteRepository", func() error {
		if _, err := s.copyImage(); err != nil {
			return err
		}
		_, err := s.api.Repository.DeleteRepository(s.ctx, &repository.DeleteRepositoryParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
		})
		if err != nil {
			return err
		}
		_, err = s.repository()
		return refused[*repository.GetRepositoryNotFound](err)
	})
}

package main

import (
	"errors"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/project"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/project_metadata"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) project() {
	s.check("createProject", func() error {
		got, err := s.api.Project.CreateProject(s.ctx, &project.CreateProjectParams{
			Project: &models.ProjectReq{ProjectName: projectName, Metadata: &models.ProjectMetadata{Public: "true"}},
		})
		if err != nil {
			return err
		}
		s.projectID, err = idIn(got.Location)
		return err
	})
	s.check("headProject", func() error {
		_, err := s.api.Project.HeadProject(s.ctx, &project.HeadProjectParams{ProjectName: projectName})
		_, missing := s.api.Project.HeadProject(s.ctx, &project.HeadProjectParams{ProjectName: "nowhere"})
		return errors.Join(err, refused[*project.HeadProjectNotFound](missing))
	})
	s.check("listProjects", func() error {
		got, err := s.api.Project.ListProjects(s.ctx, &project.ListProjectsParams{Name: ptr(projectName)})
		if err != nil {
			return err
		}
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("name", got.Payload[0].Name, projectName),
			same("public", got.Payload[0].Metadata.Public, "true"),
		)
	})
	s.check("updateProject", func() error {
		_, err := s.api.Project.UpdateProject(s.ctx, &project.UpdateProjectParams{
			ProjectNameOrID: projectName,
			Project:         &models.ProjectReq{Metadata: &models.ProjectMetadata{Public: "false"}},
		})
		return err
	})
	s.check("getProject", func() error {
		got, err := s.api.Project.GetProject(s.ctx, &project.GetProjectParams{ProjectNameOrID: projectName})
		if err != nil {
			return err
		}
		return errors.Join(
			same("project_id", int64(got.Payload.ProjectID), s.projectID),
			same("owner_name", got.Payload.OwnerName, "admin"),
			same("public", got.Payload.Metadata.Public, "false"),
		)
	})
}

func (s *story) metadata() {
	const key = "auto_scan"
	read := func() (map[string]string, error) {
		got, err := s.api.ProjectMetadata.GetProjectMetadata(s.ctx, &project_metadata.GetProjectMetadataParams{
			ProjectNameOrID: projectName,
			MetaName:        key,
		})
		if err != nil {
			return nil, err
		}
		return got.Payload, nil
	}

	s.check("addProjectMetadatas", func() error {
		_, err := s.api.ProjectMetadata.AddProjectMetadatas(s.ctx, &project_metadata.AddProjectMetadatasParams{
			ProjectNameOrID: projectName,
			Metadata:        map[string]string{key: "true"},
		})
		return err
	})
	s.check("getProjectMetadata", func() error {
		got, err := read()
		if err != nil {
			return err
		}
		return same(key, got[key], "true")
	})
	s.check("updateProjectMetadata", func() error {
		_, err := s.api.ProjectMetadata.UpdateProjectMetadata(s.ctx, &project_metadata.UpdateProjectMetadataParams{
			ProjectNameOrID: projectName,
			MetaName:        key,
			Metadata:        map[string]string{key: "false"},
		})
		return err
	})
	s.check("listProjectMetadatas", func() error {
		got, err := s.api.ProjectMetadata.ListProjectMetadatas(s.ctx, &project_metadata.ListProjectMetadatasParams{
			ProjectNameOrID: projectName,
		})
		if err != nil {
			return err
		}
		return errors.Join(same(key, got.Payload[key], "false"), same("public", got.Payload["public"], "false"))
	})
	s.check("deleteProjectMetadata", func() error {
		_, err := s.api.ProjectMetadata.DeleteProjectMetadata(s.ctx, &project_metadata.DeleteProjectMetadataParams{
			ProjectNameOrID: projectName,
			MetaName:        key,
		})
		if err != nil {
			return err
		}
		_, err = read()
		return refused[*project_metadata.GetProjectMetadataNotFound](err)
	})
}

func (s *story) removeProject() {
	s.check("deleteProject", func() error {
		_, err := s.api.Project.DeleteProject(s.ctx, &project.DeleteProjectParams{ProjectNameOrID: projectName})
		if err != nil {
			return err
		}
		_, err = s.api.Project.HeadProject(s.ctx, &project.HeadProjectParams{ProjectName: projectName})
		return refused[*project.HeadProjectNotFound](err)
	})
}

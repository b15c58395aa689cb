package main

import (
	"errors"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/member"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) members() {
	var id int64
	read := func() (*models.ProjectMemberEntity, error) {
		got, err := s.api.Member.GetProjectMember(s.ctx, &member.GetProjectMemberParams{
			ProjectNameOrID: projectName,
			Mid:             id,
		})
		if err != nil {
			return nil, err
		}
		return got.Payload, nil
	}

	s.check("createProjectMember", func() error {
		got, err := s.api.Member.CreateProjectMember(s.ctx, &member.CreateProjectMemberParams{
			ProjectNameOrID: projectName,
			ProjectMember:   &models.ProjectMember{RoleID: 2, MemberUser: &models.UserEntity{Username: userName}},
		})
		if err != nil {
			return err
		}
		id, err = idIn(got.Location)
		return err
	})
	s.check("listProjectMembers", func() error {
		got, err := s.api.Member.ListProjectMembers(s.ctx, &member.ListProjectMembersParams{
			ProjectNameOrID: projectName,
			Entityname:      ptr(userName),
		})
		if err != nil {
			return err
		}
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("id", got.Payload[0].ID, id),
			same("role_name", got.Payload[0].RoleName, "developer"),
		)
	})
	s.check("updateProjectMember", func() error {
		_, err := s.api.Member.UpdateProjectMember(s.ctx, &member.UpdateProjectMemberParams{
			ProjectNameOrID: projectName,
			Mid:             id,
			Role:            &models.RoleRequest{RoleID: 4},
		})
		return err
	})
	s.check("getProjectMember", func() error {
		got, err := read()
		if err != nil {
			return err
		}
		return errors.Join(
			same("entity_name", got.EntityName, userName),
			same("entity_type", got.EntityType, "u"),
			same("role_name", got.RoleName, "maintainer"),
		)
	})
	s.check("deleteProjectMember", func() error {
		_, err := s.api.Member.DeleteProjectMember(s.ctx, &member.DeleteProjectMemberParams{
			ProjectNameOrID: projectName,
			Mid:             id,
		})
		if err != nil {
			return err
		}
		_, err = read()
		return refused[*member.GetProjectMemberNotFound](err)
	})
}

package main

import (
	"errors"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/usergroup"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

// A group that an OpenID provider tells of.
const providerGroup = 3

func (s *story) groups() {
	const name, newName = "carpenters", "joiners"
	var id int64
	read := func() (*models.UserGroup, error) {
		got, err := s.api.Usergroup.GetUserGroup(s.ctx, &usergroup.GetUserGroupParams{GroupID: id})
		if err != nil {
			return nil, err
		}
		return got.Payload, nil
	}

	s.check("createUserGroup", func() error {
		got, err := s.api.Usergroup.CreateUserGroup(s.ctx, &usergroup.CreateUserGroupParams{
			Usergroup: &models.UserGroup{GroupName: name, GroupType: providerGroup},
		})
		if err != nil {
			return err
		}
		id, err = idIn(got.Location)
		return err
	})
	s.check("listUserGroups", func() error {
		got, err := s.api.Usergroup.ListUserGroups(s.ctx, &usergroup.ListUserGroupsParams{GroupName: ptr(name)})
		if err != nil {
			return err
		}
		return errors.Join(same("X-Total-Count", got.XTotalCount, 1), same("id", got.Payload[0].ID, id))
	})
	s.check("searchUserGroups", func() error {
		got, err := s.api.Usergroup.SearchUserGroups(s.ctx, &usergroup.SearchUserGroupsParams{Groupname: name[:3]})
		if err != nil {
			return err
		}
		return same("group_name", got.Payload[0].GroupName, name)
	})
	s.check("updateUserGroup", func() error {
		_, err := s.api.Usergroup.UpdateUserGroup(s.ctx, &usergroup.UpdateUserGroupParams{
			GroupID:   id,
			Usergroup: &models.UserGroup{GroupName: newName, GroupType: providerGroup},
		})
		return err
	})
	s.check("getUserGroup", func() error {
		got, err := read()
		if err != nil {
			return err
		}
		return errors.Join(
			same("group_name", got.GroupName, newName),
			same("group_type", got.GroupType, providerGroup),
		)
	})
	s.check("deleteUserGroup", func() error {
		if _, err := s.api.Usergroup.DeleteUserGroup(s.ctx, &usergroup.DeleteUserGroupParams{GroupID: id}); err != nil {
			return err
		}
		_, err := read()
		return refused[*usergroup.GetUserGroupNotFound](err)
	})
}

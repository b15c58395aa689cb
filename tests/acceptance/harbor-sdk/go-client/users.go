package main

import (
	"errors"
	"fmt"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/user"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) users() {
	const realName = "Wilma Wright"
	read := func() (*models.UserResp, error) {
		got, err := s.api.User.GetUser(s.ctx, &user.GetUserParams{UserID: s.userID})
		if err != nil {
			return nil, err
		}
		return got.Payload, nil
	}

	s.check("createUser", func() error {
		got, err := s.api.User.CreateUser(s.ctx, &user.CreateUserParams{UserReq: &models.UserCreationReq{
			Username: userName,
			Email:    "wilma@example.com",
			Realname: "Wilma",
			Password: "First-Password-1",
		}})
		if err != nil {
			return err
		}
		s.userID, err = idIn(got.Location)
		return err
	})
	s.check("listUsers", func() error {
		got, err := s.api.User.ListUsers(s.ctx, &user.ListUsersParams{Q: ptr("username=" + userName)})
		if err != nil {
			return err
		}
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("user_id", got.Payload[0].UserID, s.userID),
		)
	})
	s.check("searchUsers", func() error {
		got, err := s.api.User.SearchUsers(s.ctx, &user.SearchUsersParams{Username: userName[:3]})
		if err != nil {
			return err
		}
		return same("username", got.Payload[0].Username, userName)
	})
	s.check("updateUserProfile", func() error {
		_, err := s.api.User.UpdateUserProfile(s.ctx, &user.UpdateUserProfileParams{
			UserID:  s.userID,
			Profile: &models.UserProfile{Email: "wilma@example.com", Realname: realName},
		})
		return err
	})
	s.check("getUser", func() error {
		got, err := read()
		if err != nil {
			return err
		}
		return errors.Join(same("username", got.Username, userName), same("realname", got.Realname, realName))
	})
	s.check("setUserSysAdmin", func() error {
		_, err := s.api.User.SetUserSysAdmin(s.ctx, &user.SetUserSysAdminParams{
			UserID:       s.userID,
			SysadminFlag: &models.UserSysAdminFlag{SysadminFlag: true},
		})
		if err != nil {
			return err
		}
		got, err := read()
		if err != nil {
			return err
		}
		return same("sysadmin_flag", got.SysadminFlag, true)
	})
	s.check("updateUserPassword", func() error {
		const password = "Second-Password-2"
		_, err := s.api.User.UpdateUserPassword(s.ctx, &user.UpdateUserPasswordParams{
			UserID:   s.userID,
			Password: &models.PasswordReq{NewPassword: password},
		})
		if err != nil {
			return err
		}
		return s.knows(userName, password)
	})
	s.check("getCurrentUserInfo", func() error {
		got, err := s.api.User.GetCurrentUserInfo(s.ctx, &user.GetCurrentUserInfoParams{})
		if err != nil {
			return err
		}
		return errors.Join(
			same("username", got.Payload.Username, "admin"),
			same("sysadmin_flag", got.Payload.SysadminFlag, true),
		)
	})
	s.check("getCurrentUserPermissions", func() error {
		got, err := s.api.User.GetCurrentUserPermissions(s.ctx, &user.GetCurrentUserPermissionsParams{
			Scope:    ptr(fmt.Sprintf("/project/%d", s.projectID)),
			Relative: ptr(true),
		})
		if err != nil {
			return err
		}
		found := false
		for _, permission := range got.Payload {
			found = found || *permission == models.Permission{Resource: "repository", Action: "push"}
		}
		return holds("an administrator may push", found)
	})
	s.check("setCliSecret", func() error {
		_, err := s.api.User.SetCliSecret(s.ctx, &user.SetCliSecretParams{
			UserID: s.userID,
			Secret: &models.OIDCCliSecretReq{Secret: "Cli-Secret-3"},
		})
		return refused[*user.SetCliSecretPreconditionFailed](err)
	})
}

// knows asks the server as somebody else who that is.
func (s *story) knows(username, password string) error {
	api, err := connect(username, password)
	if err != nil {
		return err
	}
	got, err := api.User.GetCurrentUserInfo(s.ctx, &user.GetCurrentUserInfoParams{})
	if err != nil {
		return err
	}
	return same("username", got.Payload.Username, username)
}

func (s *story) removeUser() {
	s.check("deleteUser", func() error {
		if _, err := s.api.User.DeleteUser(s.ctx, &user.DeleteUserParams{UserID: s.userID}); err != nil {
			return err
		}
		_, err := s.api.User.GetUser(s.ctx, &user.GetUserParams{UserID: s.userID})
		return refused[*user.GetUserNotFound](err)
	})
}

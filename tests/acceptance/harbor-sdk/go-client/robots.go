package main

import (
	"errors"
	"fmt"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/repository"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/robot"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) robots() {
	const fullName = "robot$" + projectName + "+builder"
	const description = "Builds at night"
	permissions := []*models.RobotPermission{{
		Kind:      "project",
		Namespace: projectName,
		Access:    []*models.Access{{Resource: "repository", Action: "list"}},
	}}
	var id int64
	var secret string
	read := func() (*models.Robot, error) {
		got, err := s.api.Robot.GetRobotByID(s.ctx, &robot.GetRobotByIDParams{RobotID: id})
		if err != nil {
			return nil, err
		}
		return got.Payload, nil
	}

	s.check("CreateRobot", func() error {
		got, err := s.api.Robot.CreateRobot(s.ctx, &robot.CreateRobotParams{Robot: &models.RobotCreate{
			Name:        "builder",
			Level:       "project",
			Duration:    -1,
			Permissions: permissions,
		}})
		if err != nil {
			return err
		}
		id, secret = got.Payload.ID, got.Payload.Secret
		fromLocation, err := idIn(got.Location)
		return errors.Join(
			err,
			same("the id in Location", fromLocation, id),
			same("name", got.Payload.Name, fullName),
			s.works(fullName, secret),
		)
	})
	s.check("ListRobot", func() error {
		got, err := s.api.Robot.ListRobot(s.ctx, &robot.ListRobotParams{
			Q: ptr(fmt.Sprintf("Level=project,ProjectID=%d", s.projectID)),
		})
		if err != nil {
			return err
		}
		return errors.Join(same("X-Total-Count", got.XTotalCount, 1), same("id", got.Payload[0].ID, id))
	})
	s.check("UpdateRobot", func() error {
		_, err := s.api.Robot.UpdateRobot(s.ctx, &robot.UpdateRobotParams{RobotID: id, Robot: &models.Robot{
			ID:          id,
			Name:        fullName,
			Description: description,
			Level:       "project",
			Duration:    ptr(int64(-1)),
			Permissions: permissions,
		}})
		return err
	})
	s.check("GetRobotByID", func() error {
		got, err := read()
		if err != nil {
			return err
		}
		return errors.Join(
			same("description", got.Description, description),
			same("expires_at", got.ExpiresAt, -1),
			same("namespace", got.Permissions[0].Namespace, projectName),
		)
	})
	s.check("RefreshSec", func() error {
		got, err := s.api.Robot.RefreshSec(s.ctx, &robot.RefreshSecParams{RobotID: id, RobotSec: &models.RobotSec{}})
		if err != nil {
			return err
		}
		return errors.Join(
			s.works(fullName, got.Payload.Secret),
			refused[*repository.ListRepositoriesUnauthorized](s.works(fullName, secret)),
		)
	})
	s.check("DeleteRobot", func() error {
		if _, err := s.api.Robot.DeleteRobot(s.ctx, &robot.DeleteRobotParams{RobotID: id}); err != nil {
			return err
		}
		_, err := read()
		return refused[*robot.GetRobotByIDNotFound](err)
	})
}

// works does with a robot's secret what the robot may do, and what nobody may without a login.
func (s *story) works(name, secret string) error {
	api, err := connect(name, secret)
	if err != nil {
		return err
	}
	_, err = api.Repository.ListRepositories(s.ctx, &repository.ListRepositoriesParams{ProjectName: projectName})
	return err
}

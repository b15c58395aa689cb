package main

import (
	"errors"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/label"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) labels() {
	const name, color = "reviewed", "#0065AB"

	s.check("CreateLabel", func() error {
		got, err := s.api.Label.CreateLabel(s.ctx, &label.CreateLabelParams{
			Label: &models.Label{Name: name, Scope: "p", ProjectID: s.projectID},
		})
		if err != nil {
			return err
		}
		s.labelID, err = idIn(got.Location)
		return err
	})
	s.check("ListLabels", func() error {
		got, err := s.api.Label.ListLabels(s.ctx, &label.ListLabelsParams{Scope: ptr("p"), ProjectID: ptr(s.projectID)})
		if err != nil {
			return err
		}
		return errors.Join(same("X-Total-Count", got.XTotalCount, 1), same("id", got.Payload[0].ID, s.labelID))
	})
	s.check("UpdateLabel", func() error {
		_, err := s.api.Label.UpdateLabel(s.ctx, &label.UpdateLabelParams{
			LabelID: s.labelID,
			Label:   &models.Label{Name: name, Color: color, Scope: "p", ProjectID: s.projectID},
		})
		return err
	})
	s.check("GetLabelByID", func() error {
		got, err := s.label()
		if err != nil {
			return err
		}
		return errors.Join(same("name", got.Name, name), same("color", got.Color, color))
	})
}

func (s *story) label() (*models.Label, error) {
	got, err := s.api.Label.GetLabelByID(s.ctx, &label.GetLabelByIDParams{LabelID: s.labelID})
	if err != nil {
		return nil, err
	}
	return got.Payload, nil
}

func (s *story) removeLabel() {
	s.check("DeleteLabel", func() error {
		if _, err := s.api.Label.DeleteLabel(s.ctx, &label.DeleteLabelParams{LabelID: s.labelID}); err != nil {
			return err
		}
		_, err := s.label()
		return refused[*label.GetLabelByIDNotFound](err)
	})
}

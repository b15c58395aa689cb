package main

import (
	"errors"
	"strings"
	"time"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/gc"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

// gc collects garbage once without changing anything, and sets a schedule that it takes back.
func (s *story) gc() {
	const cron = "0 30 2 * * 1-5"
	var run int64

	s.check("createGCSchedule", func() error {
		got, err := s.createGC(&models.ScheduleObj{Type: "Manual"})
		if err != nil {
			return err
		}
		run, err = idIn(got.Location)
		_, unknown := s.createGC(&models.ScheduleObj{Type: "Custom", Cron: "nonsense"})
		return errors.Join(err, refused[*gc.CreateGCScheduleBadRequest](unknown))
	})
	s.check("getGC", func() error {
		got, err := s.endedGC(run)
		if err != nil {
			return err
		}
		_, none := s.api.GC.GetGC(s.ctx, &gc.GetGCParams{GCID: 999999999})
		return errors.Join(
			same("job_status", got.JobStatus, "Success"),
			same("job_name", got.JobName, "GARBAGE_COLLECTION"),
			same("job_kind", got.JobKind, "MANUAL"),
			holds("it was a dry run", strings.Contains(got.JobParameters, `"dry_run":true`)),
			refused[*gc.GetGCNotFound](none),
		)
	})
	s.check("getGCHistory", func() error {
		got, err := s.api.GC.GetGCHistory(s.ctx, &gc.GetGCHistoryParams{})
		if err != nil {
			return err
		}
		return errors.Join(same("the first", got.Payload[0].ID, run), same("X-Total-Count", got.XTotalCount, 1))
	})
	s.check("getGCLog", func() error {
		got, err := s.api.GC.GetGCLog(s.ctx, &gc.GetGCLogParams{GCID: run})
		if err != nil {
			return err
		}
		return holds("it changed nothing", strings.Contains(got.Payload, "nothing was changed"))
	})
	s.check("stopGC", func() error {
		_, err := s.api.GC.StopGC(s.ctx, &gc.StopGCParams{GCID: run})
		_, none := s.api.GC.StopGC(s.ctx, &gc.StopGCParams{GCID: 999999999})
		return errors.Join(err, refused[*gc.StopGCNotFound](none))
	})
	s.check("getGCSchedule", func() error {
		none, err := s.api.GC.GetGCSchedule(s.ctx, &gc.GetGCScheduleParams{})
		if err != nil {
			return err
		}
		if _, err = s.createGC(&models.ScheduleObj{Type: "Custom", Cron: cron}); err != nil {
			return err
		}
		got, err := s.api.GC.GetGCSchedule(s.ctx, &gc.GetGCScheduleParams{})
		if err != nil {
			return err
		}
		return errors.Join(
			holds("there was no schedule before", none.Payload.Schedule == nil),
			same("type", got.Payload.Schedule.Type, "Custom"),
			same("cron", got.Payload.Schedule.Cron, cron),
		)
	})
	s.check("updateGCSchedule", func() error {
		_, err := s.api.GC.UpdateGCSchedule(s.ctx, &gc.UpdateGCScheduleParams{
			Schedule: &models.Schedule{Schedule: &models.ScheduleObj{Type: "None"}},
		})
		if err != nil {
			return err
		}
		none, err := s.api.GC.GetGCSchedule(s.ctx, &gc.GetGCScheduleParams{})
		if err != nil {
			return err
		}
		return holds("the schedule is gone", none.Payload.Schedule == nil)
	})
}

func (s *story) createGC(schedule *models.ScheduleObj) (*gc.CreateGCScheduleCreated, error) {
	return s.api.GC.CreateGCSchedule(s.ctx, &gc.CreateGCScheduleParams{
		Schedule: &models.Schedule{
			Parameters: map[string]interface{}{"dry_run": true, "workers": 2},
			Schedule:   schedule,
		},
	})
}

// endedGC waits until the collection is over.
func (s *story) endedGC(id int64) (*models.GCHistory, error) {
	for {
		got, err := s.api.GC.GetGC(s.ctx, &gc.GetGCParams{GCID: id})
		if err != nil {
			return nil, err
		}
		if status := got.Payload.JobStatus; status != "Pending" && status != "Running" {
			return got.Payload, nil
		}
		time.Sleep(pollInterval)
	}
}

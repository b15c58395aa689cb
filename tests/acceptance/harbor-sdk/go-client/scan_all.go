package main

import (
	"errors"
	"strings"
	"time"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/scan_all"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

// scanAll scans everything once, and sets a schedule that it takes back.
func (s *story) scanAll() {
	const cron = "0 30 2 * * 1-5"

	s.check("createScanAllSchedule", func() error {
		got, err := s.createSchedule("Manual", "")
		if err != nil {
			return err
		}
		return same("Location", got.Location, "/api/v2.0/system/scanAll/schedule")
	})
	s.check("getLatestScanAllMetrics", func() error {
		got, err := s.endedScanAll()
		if err != nil {
			return err
		}
		// The image, of which there are two copies, and its signature.
		return errors.Join(
			same("total", got.Total, 2),
			same("completed", got.Completed, 2),
			same("the number of errors", got.Metrics["Error"], 1),
			same("the number of successes", got.Metrics["Success"], 1),
			same("trigger", got.Trigger, "Manual"),
		)
	})
	s.check("stopScanAll", func() error {
		_, err := s.api.ScanAll.StopScanAll(s.ctx, &scan_all.StopScanAllParams{})
		return errors.Join(
			refused[*scan_all.StopScanAllBadRequest](err),
			holds("nothing runs", strings.Contains(explain(orNothing(err)), "no scan all job is found")),
		)
	})
	s.check("getScanAllSchedule", func() error {
		none, err := s.schedule()
		if err != nil {
			return err
		}
		if _, err = s.createSchedule("Custom", cron); err != nil {
			return err
		}
		got, err := s.schedule()
		if err != nil {
			return err
		}
		_, second := s.createSchedule("Daily", "")
		return errors.Join(
			holds("there was no schedule before", none.Schedule == nil),
			same("type", got.Schedule.Type, "Custom"),
			same("cron", got.Schedule.Cron, cron),
			refused[*scan_all.CreateScanAllSchedulePreconditionFailed](second),
		)
	})
	s.check("updateScanAllSchedule", func() error {
		if err := s.updateSchedule("Daily"); err != nil {
			return err
		}
		daily, err := s.schedule()
		if err != nil {
			return err
		}
		if err := s.updateSchedule("None"); err != nil {
			return err
		}
		none, err := s.schedule()
		if err != nil {
			return err
		}
		return errors.Join(
			same("type", daily.Schedule.Type, "Daily"),
			same("cron", daily.Schedule.Cron, "0 0 0 * * *"),
			holds("the schedule is gone", none.Schedule == nil),
			refused[*scan_all.UpdateScanAllScheduleBadRequest](s.updateSchedule("Manual")),
		)
	})
	s.check("getLatestScheduledScanAllMetrics", func() error {
		got, err := s.api.ScanAll.GetLatestScheduledScanAllMetrics(
			s.ctx, &scan_all.GetLatestScheduledScanAllMetricsParams{},
		)
		if err != nil {
			return err
		}
		// No schedule was there when its time came.
		return errors.Join(
			same("total", got.Payload.Total, 0),
			same("ongoing", got.Payload.Ongoing, false),
			same("trigger", got.Payload.Trigger, ""),
		)
	})
}

func (s *story) createSchedule(kind, cron string) (*scan_all.CreateScanAllScheduleCreated, error) {
	return s.api.ScanAll.CreateScanAllSchedule(s.ctx, &scan_all.CreateScanAllScheduleParams{
		Schedule: &models.Schedule{Schedule: &models.ScheduleObj{Type: kind, Cron: cron}},
	})
}

func (s *story) updateSchedule(kind string) error {
	_, err := s.api.ScanAll.UpdateScanAllSchedule(s.ctx, &scan_all.UpdateScanAllScheduleParams{
		Schedule: &models.Schedule{Schedule: &models.ScheduleObj{Type: kind}},
	})
	return err
}

func (s *story) schedule() (*models.Schedule, error) {
	got, err := s.api.ScanAll.GetScanAllSchedule(s.ctx, &scan_all.GetScanAllScheduleParams{})
	if err != nil {
		return nil, err
	}
	return got.Payload, nil
}

// endedScanAll waits until the last scan of everything is over.
func (s *story) endedScanAll() (*models.Stats, error) {
	for {
		got, err := s.api.ScanAll.GetLatestScanAllMetrics(s.ctx, &scan_all.GetLatestScanAllMetricsParams{})
		if err != nil {
			return nil, err
		}
		if !got.Payload.Ongoing {
			return got.Payload, nil
		}
		time.Sleep(pollInterval)
	}
}

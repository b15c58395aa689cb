package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/artifact"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/scan"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

const (
	vulnerabilityReport = "application/vnd.security.vulnerability.report; version=1.1"
	pollInterval        = 50 * time.Millisecond
)

// scans tells of one image. Its layer is no archive, so that a scan ends with an error; there is no vulnerability
// database either.
func (s *story) scans() {
	var reportID string

	s.check("scanArtifact", func() error {
		// The copy has asked for a scan as well, and there is no second one meanwhile.
		before, err := s.endedScan()
		if err != nil {
			return err
		}
		_, err = s.api.Scan.ScanArtifact(s.ctx, &scan.ScanArtifactParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
		})
		if err != nil {
			return err
		}
		after, err := s.endedScan()
		if err != nil {
			return err
		}
		reportID = after.ReportID
		return errors.Join(
			same("scan_status", after.ScanStatus, "Error"),
			holds("the image was scanned again", time.Time(after.EndTime).After(time.Time(before.EndTime))),
			refused[*scan.ScanArtifactNotFound](s.scanMissing()),
		)
	})
	s.check("stopScanArtifact", func() error {
		_, err := s.api.Scan.StopScanArtifact(s.ctx, &scan.StopScanArtifactParams{
			ProjectName:    projectName,
			RepositoryName: repositoryName,
			Reference:      s.digest,
			ScanType:       &models.ScanType{ScanType: "vulnerability"},
		})
		return errors.Join(
			refused[*scan.StopScanArtifactBadRequest](err),
			holds("no scan runs", strings.Contains(explain(orNothing(err)), "no scan job for artifact digest="+s.digest)),
		)
	})
	s.check("getReportLog", func() error {
		got, err := s.reportLog(reportID)
		if err != nil {
			return err
		}
		_, missing := s.reportLog("another")
		return errors.Join(
			holds("the log names the digest", strings.Contains(got, "requested: "+s.digest)),
			holds("the log says why the scan failed", strings.Contains(got, "\nfailure: ")),
			holds("the log tells of the end", strings.Contains(got, "ended: error")),
			refused[*scan.GetReportLogNotFound](missing),
		)
	})
	s.check("getVulnerabilitiesAddition", func() error {
		// Harbor sends an object of reports, for which the SDK has no type but string.
		var mistyped *json.UnmarshalTypeError
		if err := s.vulnerabilities(s.digest); !errors.As(err, &mistyped) || mistyped.Value != "object" {
			return fmt.Errorf("expected an object, got: %w", orNothing(err))
		}
		return refused[*artifact.GetVulnerabilitiesAdditionNotFound](s.vulnerabilities("nothing"))
	})
}

func (s *story) scanMissing() error {
	_, err := s.api.Scan.ScanArtifact(s.ctx, &scan.ScanArtifactParams{
		ProjectName:    projectName,
		RepositoryName: repositoryName,
		Reference:      "nothing",
	})
	return err
}

// endedScan waits until the image's scan neither waits nor runs.
func (s *story) endedScan() (models.NativeReportSummary, error) {
	for {
		got, err := s.api.Artifact.GetArtifact(s.ctx, &artifact.GetArtifactParams{
			ProjectName:            projectName,
			RepositoryName:         repositoryName,
			Reference:              s.digest,
			WithScanOverview:       ptr(true),
			XAcceptVulnerabilities: ptr(vulnerabilityReport),
		})
		if err != nil {
			return models.NativeReportSummary{}, err
		}
		summary := got.Payload.ScanOverview[vulnerabilityReport]
		if summary.ScanStatus != "Pending" && summary.ScanStatus != "Running" {
			return summary, nil
		}
		time.Sleep(pollInterval)
	}
}

func (s *story) reportLog(id string) (string, error) {
	got, err := s.api.Scan.GetReportLog(s.ctx, &scan.GetReportLogParams{
		ProjectName:    projectName,
		RepositoryName: repositoryName,
		Reference:      s.digest,
		ReportID:       id,
	})
	if err != nil {
		return "", err
	}
	return got.Payload, nil
}

func (s *story) vulnerabilities(reference string) error {
	_, err := s.api.Artifact.GetVulnerabilitiesAddition(s.ctx, &artifact.GetVulnerabilitiesAdditionParams{
		ProjectName:            projectName,
		RepositoryName:         repositoryName,
		Reference:              reference,
		XAcceptVulnerabilities: ptr(vulnerabilityReport),
	})
	return err
}

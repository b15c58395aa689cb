package main

import (
	"errors"
	"io"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/configure"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/health"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/permissions"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/ping"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/system_cve_allowlist"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/systeminfo"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/models"
)

func (s *story) system() {
	const banner = "Closed on Sunday"

	s.check("getPing", func() error {
		got, err := s.api.Ping.GetPing(s.ctx, &ping.GetPingParams{})
		if err != nil {
			return err
		}
		return same("the answer", got.Payload, "Pong")
	})
	s.check("getHealth", func() error {
		got, err := s.api.Health.GetHealth(s.ctx, &health.GetHealthParams{})
		if err != nil {
			return err
		}
		return errors.Join(
			same("status", got.Payload.Status, "healthy"),
			holds("there are components", len(got.Payload.Components) > 0),
		)
	})
	s.check("updateConfigurations", func() error {
		_, err := s.api.Configure.UpdateConfigurations(s.ctx, &configure.UpdateConfigurationsParams{
			Configurations: &models.Configurations{BannerMessage: ptr(banner)},
		})
		return err
	})
	s.check("getConfigurations", func() error {
		got, err := s.api.Configure.GetConfigurations(s.ctx, &configure.GetConfigurationsParams{})
		if err != nil {
			return err
		}
		return errors.Join(
			same("auth_mode", got.Payload.AuthMode.Value, "db_auth"),
			same("banner_message", got.Payload.BannerMessage.Value, banner),
		)
	})
	s.check("getSystemInfo", func() error {
		got, err := s.api.Systeminfo.GetSystemInfo(s.ctx, &systeminfo.GetSystemInfoParams{})
		if err != nil {
			return err
		}
		return errors.Join(
			holds("harbor_version begins with v2", (*got.Payload.HarborVersion)[:2] == "v2"),
			same("banner_message", *got.Payload.BannerMessage, banner),
		)
	})
	s.check("getVolumes", func() error {
		got, err := s.api.Systeminfo.GetVolumes(s.ctx, &systeminfo.GetVolumesParams{})
		if err != nil {
			return err
		}
		return same("the number of volumes", len(got.Payload.Storage), 1)
	})
	s.check("getCert", func() error {
		_, err := s.api.Systeminfo.GetCert(s.ctx, &systeminfo.GetCertParams{}, io.Discard)
		return refused[*systeminfo.GetCertNotFound](err)
	})
	s.check("putSystemCVEAllowlist", func() error {
		_, err := s.api.SystemCVEAllowlist.PutSystemCVEAllowlist(s.ctx, &system_cve_allowlist.PutSystemCVEAllowlistParams{
			Allowlist: &models.CVEAllowlist{Items: []*models.CVEAllowlistItem{{CVEID: "CVE-2026-0001"}}},
		})
		return err
	})
	s.check("getSystemCVEAllowlist", func() error {
		got, err := s.api.SystemCVEAllowlist.GetSystemCVEAllowlist(s.ctx, &system_cve_allowlist.GetSystemCVEAllowlistParams{})
		if err != nil {
			return err
		}
		return same("the only item", got.Payload.Items[0].CVEID, "CVE-2026-0001")
	})
	s.check("getPermissions", func() error {
		got, err := s.api.Permissions.GetPermissions(s.ctx, &permissions.GetPermissionsParams{})
		if err != nil {
			return err
		}
		return errors.Join(
			holds("there are system permissions", len(got.Payload.System) > 0),
			holds("there are project permissions", len(got.Payload.Project) > 0),
		)
	})
}

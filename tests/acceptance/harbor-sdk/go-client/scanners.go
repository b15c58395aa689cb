package main

import (
	"errors"
	"slices"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/project"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/scanner"
)

// scanners finds the only scanner in each place where Harbor shows scanners.
func (s *story) scanners() {
	const name = "Breakwater"
	var uuid string

	s.check("listScanners", func() error {
		got, err := s.api.Scanner.ListScanners(s.ctx, &scanner.ListScannersParams{})
		if err != nil {
			return err
		}
		uuid = got.Payload[0].UUID
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("name", got.Payload[0].Name, name),
			same("is_default", *got.Payload[0].IsDefault, true),
			same("health", got.Payload[0].Health, "healthy"),
		)
	})
	s.check("getScanner", func() error {
		got, err := s.api.Scanner.GetScanner(s.ctx, &scanner.GetScannerParams{RegistrationID: uuid})
		if err != nil {
			return err
		}
		_, missing := s.api.Scanner.GetScanner(s.ctx, &scanner.GetScannerParams{RegistrationID: "another"})
		return errors.Join(
			same("uuid", got.Payload.UUID, uuid),
			same("disabled", *got.Payload.Disabled, false),
			refused[*scanner.GetScannerNotFound](missing),
		)
	})
	s.check("getScannerMetadata", func() error {
		got, err := s.api.Scanner.GetScannerMetadata(s.ctx, &scanner.GetScannerMetadataParams{RegistrationID: uuid})
		if err != nil {
			return err
		}
		capability := got.Payload.Capabilities[0]
		return errors.Join(
			same("the scanner", got.Payload.Scanner.Name, name),
			same("the capability", capability.Type, "vulnerability"),
			holds("it writes reports", slices.Contains(capability.ProducesMimeTypes, vulnerabilityReport)),
			// They tell of the vulnerability database.
			same("the number of properties", len(got.Payload.Properties), 0),
		)
	})
	s.check("getScannerOfProject", func() error {
		got, err := s.api.Project.GetScannerOfProject(s.ctx, &project.GetScannerOfProjectParams{
			ProjectNameOrID: projectName,
		})
		if err != nil {
			return err
		}
		return same("uuid", got.Payload.UUID, uuid)
	})
	s.check("listScannerCandidatesOfProject", func() error {
		got, err := s.api.Project.ListScannerCandidatesOfProject(s.ctx, &project.ListScannerCandidatesOfProjectParams{
			ProjectNameOrID: projectName,
		})
		if err != nil {
			return err
		}
		return errors.Join(same("X-Total-Count", got.XTotalCount, 1), same("uuid", got.Payload[0].UUID, uuid))
	})
}

package main

import (
	"errors"
	"slices"
	"strconv"

	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/auditlog"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/project"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/quota"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/search"
	"github.com/goharbor/go-client/pkg/sdk/v2.0/client/statistic"
)

// records reads what the server has counted and written down of the chapters before.
func (s *story) records() {
	s.check("getProjectSummary", func() error {
		got, err := s.api.Project.GetProjectSummary(s.ctx, &project.GetProjectSummaryParams{ProjectNameOrID: projectName})
		if err != nil {
			return err
		}
		return errors.Join(
			same("repo_count", got.Payload.RepoCount, 1),
			same("project_admin_count", got.Payload.ProjectAdminCount, 1),
			holds("storage is used", got.Payload.Quota.Used["storage"] > 0),
		)
	})
	s.check("getProjectDeletable", func() error {
		got, err := s.api.Project.GetProjectDeletable(s.ctx, &project.GetProjectDeletableParams{
			ProjectNameOrID: projectName,
		})
		if err != nil {
			return err
		}
		return errors.Join(
			same("deletable", got.Payload.Deletable, false),
			holds("a message says why", got.Payload.Message != ""),
		)
	})
	s.check("listArtifactsOfProject", func() error {
		got, err := s.api.Project.ListArtifactsOfProject(s.ctx, &project.ListArtifactsOfProjectParams{
			ProjectNameOrID: projectName,
		})
		if err != nil {
			return err
		}
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("repository_name", got.Payload[0].RepositoryName, projectName+"/"+repositoryName),
		)
	})
	s.check("search", func() error {
		got, err := s.api.Search.Search(s.ctx, &search.SearchParams{Q: projectName})
		if err != nil {
			return err
		}
		return errors.Join(
			same("the project", got.Payload.Project[0].Name, projectName),
			same("the repository", got.Payload.Repository[0].RepositoryName, projectName+"/"+repositoryName),
		)
	})
	s.check("getStatistic", func() error {
		got, err := s.api.Statistic.GetStatistic(s.ctx, &statistic.GetStatisticParams{})
		if err != nil {
			return err
		}
		return errors.Join(
			holds("projects are counted", got.Payload.TotalProjectCount >= 2),
			holds("repositories are counted", got.Payload.TotalRepoCount >= 2),
			holds("storage is counted", got.Payload.TotalStorageConsumption > 0),
		)
	})
	s.quotas()
	s.logs()
}

func (s *story) quotas() {
	var id int64

	s.check("listQuotas", func() error {
		got, err := s.api.Quota.ListQuotas(s.ctx, &quota.ListQuotasParams{
			Reference:   ptr("project"),
			ReferenceID: ptr(strconv.FormatInt(s.projectID, 10)),
		})
		if err != nil {
			return err
		}
		id = got.Payload[0].ID
		return same("X-Total-Count", got.XTotalCount, 1)
	})
	s.check("getQuota", func() error {
		got, err := s.api.Quota.GetQuota(s.ctx, &quota.GetQuotaParams{ID: id})
		if err != nil {
			return err
		}
		return errors.Join(
			same("the limit", got.Payload.Hard["storage"], -1),
			holds("storage is used", got.Payload.Used["storage"] > 0),
		)
	})
}

func (s *story) logs() {
	s.check("listAuditLogs", func() error {
		_, err := s.api.Auditlog.ListAuditLogs(s.ctx, &auditlog.ListAuditLogsParams{})
		return err
	})
	s.check("listAuditLogExts", func() error {
		got, err := s.api.Auditlog.ListAuditLogExts(s.ctx, &auditlog.ListAuditLogExtsParams{
			Q: ptr("operation=create,resource_type=project,resource=" + projectName),
		})
		if err != nil {
			return err
		}
		return errors.Join(
			same("X-Total-Count", got.XTotalCount, 1),
			same("username", got.Payload[0].Username, "admin"),
			same("operation_result", got.Payload[0].OperationResult, true),
		)
	})
	s.check("listAuditLogEventTypes", func() error {
		got, err := s.api.Auditlog.ListAuditLogEventTypes(s.ctx, &auditlog.ListAuditLogEventTypesParams{})
		if err != nil {
			return err
		}
		var types []string
		for _, item := range got.Payload {
			types = append(types, item.EventType)
		}
		return holds("create_artifact is a type", slices.Contains(types, "create_artifact"))
	})
	s.check("getLogs", func() error {
		_, err := s.api.Project.GetLogs(s.ctx, &project.GetLogsParams{ProjectName: projectName})
		return err
	})
	s.check("getLogExts", func() error {
		got, err := s.api.Project.GetLogExts(s.ctx, &project.GetLogExtsParams{ProjectName: projectName})
		if err != nil {
			return err
		}
		return errors.Join(
			holds("there are entries", got.XTotalCount > 0),
			same("username", got.Payload[0].Username, "admin"),
		)
	})
}

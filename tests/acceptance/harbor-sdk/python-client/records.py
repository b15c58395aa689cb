"""What the server has counted and written down of the chapters before."""

from harborapi.models import ResourceList

from story import PROJECT, REPOSITORY, Story, holds, same, the


async def tell(story: Story) -> None:
    api, check = story.api, story.check
    quota_id = 0

    with check("getProjectSummary"):
        summary = await api.get_project_summary(PROJECT)
        same("repo_count", summary.repo_count, 1)
        same("project_admin_count", summary.project_admin_count, 1)
        holds("storage is used", _storage(the(summary.quota).used) > 0)
    with check("getProjectDeletable"):
        deletable = await api.get_project_deletable(PROJECT)
        holds("the project cannot be deleted", not deletable.deletable)
        holds("a message says why", the(deletable.message) != "")
    with check("listArtifactsOfProject"):
        [artifact] = await api.get_project_artifacts(PROJECT)
        same("repository_name", artifact.repository_name, f"{PROJECT}/{REPOSITORY}")
    with check("search"):
        found = await api.search(PROJECT)
        same("the projects", [each.name for each in the(found.project)], [PROJECT])
        names = [each.repository_name for each in the(found.repository)]
        same("the repositories", names, [f"{PROJECT}/{REPOSITORY}"])
    with check("getStatistic"):
        statistics = await api.get_statistics()
        holds("projects are counted", the(statistics.total_project_count) >= 2)
        holds("repositories are counted", the(statistics.total_repo_count) >= 2)
        holds("storage is counted", the(statistics.total_storage_consumption) > 0)
    with check("listQuotas"):
        [listed] = await api.get_quotas(reference="project", reference_id=str(story.project_id))
        quota_id = the(listed.id)
    with check("getQuota"):
        quota = await api.get_quota(quota_id)
        same("the limit", _storage(quota.hard), -1)
        holds("storage is used", _storage(quota.used) > 0)
    with check("listAuditLogs"):
        await api.get_audit_logs()
    with check("getLogs"):
        await api.get_project_logs(PROJECT)


def _storage(resources: ResourceList | None) -> int:
    return the(the(resources).root)["storage"]

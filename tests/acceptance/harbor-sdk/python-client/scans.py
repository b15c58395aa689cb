"""Scans of one image and of everything, and the scanner. The image's layer is no archive, so that a scan of it ends
with an error; there is no vulnerability database either."""

import asyncio

from harborapi.exceptions import BadRequest, NotFound, PreconditionFailed, UnprocessableEntity
from harborapi.models import NativeReportSummary, Schedule, ScheduleObj, Stats
from harborapi.models.models import Trigger, Type
from harborapi.utils import get_artifact_path

from story import PROJECT, REPOSITORY, Story, holds, refused, same, the

SCANNER = "Breakwater"
REPORT = "application/vnd.security.vulnerability.report; version=1.1"
CRON = "0 30 2 * * 1-5"
POLL_SECONDS = 0.05


async def tell(story: Story) -> None:
    await _tell_scanners(story)
    await _tell_scans(story)
    await _tell_scan_all(story)
    await _tell_schedule(story)


async def _tell_scanners(story: Story) -> None:
    api, check = story.api, story.check
    uuid = ""

    with check("listScanners"):
        [listed] = await api.get_scanners()
        uuid = the(listed.uuid)
        same("name", listed.name, SCANNER)
        same("is_default", listed.is_default, True)
        same("health", listed.health, "healthy")
    with check("getScanner"):
        scanner = await api.get_scanner(uuid)
        same("uuid", scanner.uuid, uuid)
        same("disabled", scanner.disabled, False)
        with refused(NotFound):
            await api.get_scanner("another")
    with check("getScannerMetadata"):
        # harborapi's type for the id is int, but it puts what it is given into the path.
        metadata = await api.get_scanner_metadata(uuid)  # type: ignore[arg-type]
        same("the scanner", the(metadata.scanner).name, SCANNER)
        [capability] = the(metadata.capabilities)
        same("the capability", capability.type, "vulnerability")
        holds("it writes reports", REPORT in the(capability.produces_mime_types))
        # They tell of the vulnerability database.
        same("the properties", metadata.properties, {})
    with check("getScannerOfProject"):
        same("uuid", (await api.get_project_scanner(PROJECT)).uuid, uuid)
    with check("listScannerCandidatesOfProject"):
        candidates = await api.get_project_scanner_candidates(PROJECT)
        same("the candidates", [each.uuid for each in candidates], [uuid])


async def _tell_scans(story: Story) -> None:
    api, check, digest = story.api, story.check, story.digest
    report_id = ""

    with check("scanArtifact"):
        # The copy has asked for a scan as well, and there is no second one meanwhile.
        before = await _ended_scan(story)
        await api.scan_artifact(PROJECT, REPOSITORY, digest)
        after = await _ended_scan(story)
        report_id = the(after.report_id)
        same("scan_status", after.scan_status, "Error")
        holds("the image was scanned again", the(after.end_time) > the(before.end_time))
        with refused(NotFound):
            await api.scan_artifact(PROJECT, REPOSITORY, "nothing")
    with check("stopScanArtifact"):
        # harborapi sends no body, which Harbor asks for here.
        with refused(UnprocessableEntity):
            await api.stop_artifact_scan(PROJECT, REPOSITORY, digest)
        path = get_artifact_path(PROJECT, REPOSITORY, digest)
        # No scan runs.
        with refused(BadRequest):
            await api.post(f"{path}/scan/stop", json={"scan_type": "vulnerability"})
    with check("getReportLog"):
        log = await api.get_artifact_scan_report_log(PROJECT, REPOSITORY, digest, report_id)
        holds("the log names the digest", f"requested: {digest}" in log)
        holds("the log says why the scan failed", "\nfailure: " in log)
        holds("the log tells of the end", "ended: error" in log)
        with refused(NotFound):
            await api.get_artifact_scan_report_log(PROJECT, REPOSITORY, digest, "another")
    with check("getVulnerabilitiesAddition"):
        reports = await api.get_artifact_vulnerability_reports(PROJECT, REPOSITORY, digest)
        same("the number of reports", len(reports), 0)
        with refused(NotFound):
            await api.get_artifact_vulnerability_reports(PROJECT, REPOSITORY, "nothing")


async def _tell_scan_all(story: Story) -> None:
    api, check = story.api, story.check

    with check("createScanAllSchedule"):
        location = await api.create_scan_all_schedule(_schedule(Type.manual))
        same("Location", location, "/api/v2.0/system/scanAll/schedule")
    with check("getLatestScanAllMetrics"):
        metrics = await _ended_scan_all(story)
        # The image, of which there are two copies, and its signature.
        same("total", metrics.total, 2)
        same("completed", metrics.completed, 2)
        same("the metrics", metrics.metrics, {"Error": 1, "Success": 1})
        same("trigger", metrics.trigger, Trigger.manual)
    with check("stopScanAll"), refused(BadRequest):
        await api.stop_scan_all_job()


async def _tell_schedule(story: Story) -> None:
    api, check = story.api, story.check

    with check("getScanAllSchedule"):
        same("the schedule", (await api.get_scan_all_schedule()).schedule, None)
        await api.create_scan_all_schedule(_schedule(Type.custom, CRON))
        schedule = the((await api.get_scan_all_schedule()).schedule)
        same("type", schedule.type, Type.custom)
        same("cron", schedule.cron, CRON)
        with refused(PreconditionFailed):
            await api.create_scan_all_schedule(_schedule(Type.daily))
    with check("updateScanAllSchedule"):
        await api.update_scan_all_schedule(_schedule(Type.daily))
        schedule = the((await api.get_scan_all_schedule()).schedule)
        same("type", schedule.type, Type.daily)
        same("cron", schedule.cron, "0 0 0 * * *")
        with refused(BadRequest):
            await api.update_scan_all_schedule(_schedule(Type.manual))
        await api.update_scan_all_schedule(_schedule(Type.none))
        same("the schedule", (await api.get_scan_all_schedule()).schedule, None)


def _schedule(kind: Type, cron: str | None = None) -> Schedule:
    return Schedule(schedule=ScheduleObj(type=kind, cron=cron))


async def _ended_scan(story: Story) -> NativeReportSummary:
    """Waits until the image's scan neither waits nor runs."""
    async with asyncio.timeout(60):
        while True:
            artifact = await story.api.get_artifact(PROJECT, REPOSITORY, story.digest, with_scan_overview=True)
            summary = the(the(artifact.scan_overview).root)[REPORT]
            if summary.scan_status not in ("Pending", "Running"):
                return summary
            await asyncio.sleep(POLL_SECONDS)


async def _ended_scan_all(story: Story) -> Stats:
    """Waits until the last scan of everything is over."""
    async with asyncio.timeout(60):
        while True:
            metrics = await story.api.get_scan_all_metrics()
            if not metrics.ongoing:
                return metrics
            await asyncio.sleep(POLL_SECONDS)

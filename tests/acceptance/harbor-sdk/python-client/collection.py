"""Garbage collection: a dry run, its history and log, and the schedule."""

import asyncio
import json

from harborapi.exceptions import BadRequest, NotFound
from harborapi.models import GCHistory, Schedule, ScheduleObj
from harborapi.models.models import Type

from story import Story, holds, id_in, refused, same, the

CRON = "0 30 2 * * 1-5"
POLL_SECONDS = 0.05


async def tell(story: Story) -> None:
    api, check = story.api, story.check
    run = 0

    with check("createGCSchedule"):
        run = id_in(await api.create_gc_schedule(_schedule(Type.manual)))
        with refused(BadRequest):
            await api.create_gc_schedule(_schedule(Type.custom, "nonsense"))
    with check("getGC"):
        job = await _ended(story, run)
        same("job_status", job.job_status, "Success")
        same("job_kind", job.job_kind, "MANUAL")
        same("dry_run", json.loads(the(job.job_parameters))["dry_run"], True)
        with refused(NotFound):
            await api.get_gc_job(999_999_999)
    with check("getGCHistory"):
        same("the runs", [each.id for each in await api.get_gc_jobs()], [run])
    with check("getGCLog"):
        log = await api.get_gc_log(run)
        holds("it changed nothing", "nothing was changed" in log[-1])
    with check("getGCSchedule"):
        await api.create_gc_schedule(_schedule(Type.custom, CRON))
        schedule = the((await api.get_gc_schedule()).schedule)
        same("type", schedule.type, Type.custom)
        same("cron", schedule.cron, CRON)
    with check("updateGCSchedule"):
        await api.update_gc_schedule(_schedule(Type.daily))
        same("cron", the((await api.get_gc_schedule()).schedule).cron, "0 0 0 * * *")
        await api.update_gc_schedule(_schedule(Type.none))


def _schedule(kind: Type, cron: str | None = None) -> Schedule:
    return Schedule(schedule=ScheduleObj(type=kind, cron=cron), parameters={"dry_run": True, "workers": 2})


async def _ended(story: Story, run: int) -> GCHistory:
    """Waits until the collection is over."""
    async with asyncio.timeout(60):
        while True:
            job = await story.api.get_gc_job(run)
            if job.job_status not in ("Pending", "Running"):
                return job
            await asyncio.sleep(POLL_SECONDS)

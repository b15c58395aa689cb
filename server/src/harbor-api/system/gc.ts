import type { GCHistory, Schedule } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import {
  findCollectionSchedule,
  findRun,
  findRunLog,
  listRuns,
  type Run,
  type RunParameters,
  scheduleRuns,
  startRun,
  stopRun,
} from '../../collection/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, type HandlersOf, json, ok } from '../operation.ts'
import { requireInSystem } from '../permit.ts'
import { list, pageOf } from '../request/page.ts'
import { scheduleOf } from './scan-all-schedule.ts'

/** How Harbor writes that something has not happened. */
const never = '0001-01-01T00:00:00.000Z'

/** A page takes no more than this. */
const largestPage = 100

/**
 * Garbage collection as Harbor's clients know it. It goes on here all the time; a run of theirs does at once what is due,
 * or says what would go.
 */
export const gcHandlers: HandlersOf<
  'getGCHistory' | 'getGC' | 'stopGC' | 'getGCLog' | 'getGCSchedule' | 'updateGCSchedule' | 'createGCSchedule'
> = {
  async getGCHistory(deps, input) {
    await requireInSystem(deps, input.caller, 'garbage-collection:list')
    const asked = pageOf(input.query)
    const page = { ...asked, size: Math.min(asked.size || largestPage, largestPage) }
    const { runs, total } = await listRuns(deps.pool, page.size, (page.number - 1) * page.size)
    return list(input, runs.map(answerOf), total, page)
  },

  async getGC(deps, { caller, params }) {
    await requireInSystem(deps, caller, 'garbage-collection:read')
    const run = await findRun(deps.pool, params.gc_id)
    if (!run) throw unknownRun(params.gc_id)
    return json(answerOf(run))
  },

  async stopGC(deps, { caller, params }) {
    await requireInSystem(deps, caller, 'garbage-collection:stop')
    await transaction(deps.pool, async (tx) => {
      if (!(await stopRun(tx, params.gc_id)) && !(await findRun(tx, params.gc_id))) throw unknownRun(params.gc_id)
      await record(tx, caller.actor, { action: 'collection.stop', object: `collection ${params.gc_id}` })
    })
    return ok
  },

  async getGCLog(deps, { caller, params }) {
    await requireInSystem(deps, caller, 'garbage-collection:read')
    const log = await findRunLog(deps.pool, params.gc_id)
    if (log === undefined) throw unknownRun(params.gc_id)
    return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: log }
  },

  async getGCSchedule(deps, { caller }) {
    await requireInSystem(deps, caller, 'garbage-collection:read')
    const schedule = await findCollectionSchedule(deps.pool)
    // As Harbor: nothing at all, rather than an empty object.
    if (!schedule) return ok
    return json({
      id: 1,
      job_name: jobName,
      job_kind: 'SCHEDULE',
      job_parameters: parametersText(schedule.parameters, {}),
      schedule: { type: schedule.type, cron: schedule.cron, next_scheduled_time: never },
      creation_time: schedule.createdAt.toISOString(),
      update_time: schedule.updatedAt.toISOString(),
    } satisfies GCHistory)
  },

  async createGCSchedule(deps, { caller, body, path }) {
    await requireInSystem(deps, caller, 'garbage-collection:create')
    const id = await setSchedule(deps, caller, body)
    // The last segment gives way to the id, which for a schedule is 0.
    return { status: 201, headers: { Location: path.replace(/[^/]*$/, String(id)) } }
  },

  async updateGCSchedule(deps, { caller, body }) {
    await requireInSystem(deps, caller, 'garbage-collection:update')
    await setSchedule(deps, caller, body)
    return ok
  },
}

/** Begins a run, or sets or removes the schedule; returns the id of the run, or 0. */
async function setSchedule({ pool, jobs }: ApiDeps, { actor }: Caller, body: Schedule): Promise<number> {
  const parameters = parametersOf(body)
  const wanted = scheduleOf(body)
  return transaction(pool, async (tx) => {
    if (wanted === 'now') {
      const id = await startRun(tx, jobs, parameters)
      await record(tx, actor, { action: 'collection.start', object: `collection ${id}`, detail: { ...parameters } })
      return id
    }
    await record(tx, actor, {
      action: 'collection.schedule',
      object: 'system',
      detail: wanted ? { type: wanted.type, cron: wanted.cron, ...parameters } : { type: 'None' },
    })
    await scheduleRuns(tx, jobs, wanted && { ...wanted, parameters })
    return 0
  })
}

/** What Harbor's parameters mean here; how many workers delete is ours to say. */
function parametersOf({ parameters = {} }: Schedule): RunParameters {
  const { workers, dry_run: dryRun, delete_untagged: deleteUntagged } = parameters
  if (workers !== undefined && !(Number.isInteger(workers) && Number(workers) >= 1 && Number(workers) <= 10)) {
    throw new RegistryError('BAD_REQUEST', `Error: Invalid number of workers:${String(workers)}`)
  }
  return { dryRun: dryRun === true, deleteUntagged: deleteUntagged === true }
}

const jobName = 'GARBAGE_COLLECTION'

function answerOf(run: Run): GCHistory {
  const manual = run.trigger === 'Manual'
  return {
    id: run.id,
    job_name: jobName,
    job_kind: manual ? 'MANUAL' : 'SCHEDULE',
    job_parameters: parametersText(run.parameters, run.counts),
    schedule: { type: manual ? 'Manual' : 'Schedule', next_scheduled_time: never },
    job_status: run.state,
    creation_time: run.createdAt.toISOString(),
    update_time: run.updatedAt.toISOString(),
  }
}

/** Harbor's names: what was asked for, and what came of it. */
function parametersText({ dryRun, deleteUntagged }: RunParameters, counts: Run['counts']): string {
  const { bytes, blobs, manifests } = counts
  return JSON.stringify({
    delete_tag: false,
    delete_untagged: deleteUntagged === true,
    dry_run: dryRun === true,
    workers: 1,
    ...(bytes === undefined ? {} : { freed_space: bytes, purged_blobs: blobs, purged_manifests: manifests }),
  })
}

function unknownRun(id: number): RegistryError {
  return new RegistryError('NOT_FOUND', `garbage collection ${id} is not found`)
}

import type { Schedule, Stats } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import type { Reply } from '../../http/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import {
  findSweepSchedule,
  lastSweep,
  scheduleSweep,
  startSweep,
  stopSweep,
  sweepProgress,
} from '../../scanning/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, type HandlersOf, json, ok } from '../operation.ts'
import { requireInSystem } from '../permit.ts'
import { type ScheduleRequest, scheduleOf } from './scan-all-schedule.ts'

/** How Harbor writes that something has not happened. */
const never = '0001-01-01T00:00:00.000Z'

/** Scans of everything: now, or again and again. */
export const scanAllHandlers: HandlersOf<
  | 'getLatestScanAllMetrics'
  | 'getLatestScheduledScanAllMetrics'
  | 'getScanAllSchedule'
  | 'updateScanAllSchedule'
  | 'createScanAllSchedule'
  | 'stopScanAll'
> = {
  async getLatestScanAllMetrics(deps, { caller }) {
    await requireInSystem(deps, caller, 'scan-all:read')
    return metrics(deps)
  },

  async getLatestScheduledScanAllMetrics(deps, { caller }) {
    await requireInSystem(deps, caller, 'scan-all:read')
    return metrics(deps, 'Schedule')
  },

  async getScanAllSchedule(deps, { caller }) {
    await requireInSystem(deps, caller, 'scan-all:read')
    const schedule = await findSweepSchedule(deps.pool)
    if (!schedule) return json({})
    return json({
      id: 1,
      creation_time: schedule.createdAt.toISOString(),
      update_time: schedule.updatedAt.toISOString(),
      schedule: { type: schedule.type, cron: schedule.cron, next_scheduled_time: never },
    } satisfies Schedule)
  },

  async createScanAllSchedule(deps, { caller, body, path }) {
    await requireInSystem(deps, caller, 'scan-all:create')
    const wanted = scheduleOf(body)
    if (wanted === 'now') await startNow(deps, caller)
    else {
      if (await findSweepSchedule(deps.pool)) {
        throw new RegistryError(
          'PRECONDITION',
          'fail to set schedule for scan all as always had one, please delete it firstly then to re-schedule',
        )
      }
      await setSchedule(deps, caller, wanted)
    }
    return { status: 201, headers: { Location: path } }
  },

  async updateScanAllSchedule(deps, { caller, body }) {
    await requireInSystem(deps, caller, 'scan-all:update')
    const wanted = scheduleOf(body)
    if (wanted === 'now')
      throw new RegistryError('BAD_REQUEST', 'fail to update scan all schedule as wrong schedule type: Manual')
    await setSchedule(deps, caller, wanted)
    return ok
  },

  async stopScanAll(deps, { caller }) {
    await requireInSystem(deps, caller, 'scan-all:stop')
    await transaction(deps.pool, async (tx) => {
      if (!(await stopSweep(tx))) throw new RegistryError('BAD_REQUEST', 'no scan all job is found currently')
      await record(tx, caller.actor, { action: 'scan-all.stop', object: 'system' })
    })
    return { status: 202 }
  },
}

async function metrics({ pool }: ApiDeps, trigger?: 'Schedule'): Promise<Reply> {
  const sweep = await lastSweep(pool, trigger)
  const progress = sweep ? await sweepProgress(pool, sweep) : undefined
  return json((progress ?? { total: 0, completed: 0, metrics: {}, ongoing: false }) satisfies Stats)
}

async function startNow(deps: ApiDeps, caller: Caller): Promise<void> {
  await transaction(deps.pool, async (tx) => {
    const last = await lastSweep(tx)
    if (last && (await sweepProgress(tx, last)).ongoing) {
      throw new RegistryError('CONFLICT', 'a previous scan all job aleady in process, its status is Running')
    }
    await startSweep(tx, deps.jobs, 'Manual')
    await record(tx, caller.actor, { action: 'scan-all.create', object: 'system' })
  })
}

async function setSchedule(deps: ApiDeps, caller: Caller, schedule: ScheduleRequest | undefined): Promise<void> {
  await transaction(deps.pool, async (tx) => {
    await record(tx, caller.actor, {
      action: 'scan-all.update',
      object: 'system',
      detail: schedule ? { type: schedule.type, cron: schedule.cron } : { type: 'None' },
    })
    await scheduleSweep(tx, deps.jobs, schedule)
  })
}

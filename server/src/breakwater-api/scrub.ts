import type { Jobs } from '../jobs/index.ts'
import { record } from '../ledger/index.ts'
import { type Pool, transaction } from '../metadata/index.ts'
import { countDamaged, findPass, listDamaged, startScrub } from '../scrub/index.ts'
import { requireAdministrator } from './administrator.ts'
import { type Asked, json, type Operation } from './operation.ts'

export interface ScrubApiDeps {
  readonly pool: Pool
  readonly jobs: Pick<Jobs, 'enqueue'>
}

const object = 'scrub'

/** Damaged blobs that are shown. */
const mostShown = 100

/** The reading of all blobs: how far it is, what it has found, and another one. */
export const scrubOperations: readonly Operation<ScrubApiDeps>[] = [
  { method: 'GET', path: '/scrub', handle: showScrub },
  { method: 'POST', path: '/scrub/runs', handle: startPass },
]

async function showScrub({ pool }: ScrubApiDeps, { caller }: Asked) {
  await requireAdministrator(pool, caller, { action: 'scrub:read', object })
  return json(await describe(pool))
}

/** Answers 202: a pass begins now, or when the one that goes on has ended. */
async function startPass({ pool, jobs }: ScrubApiDeps, { caller }: Asked) {
  await requireAdministrator(pool, caller, { action: 'scrub:create', object })
  await transaction(pool, async (tx) => {
    await startScrub(tx, jobs)
    await record(tx, caller.actor, { action: 'scrub.start', object })
  })
  return json(await describe(pool), 202)
}

async function describe(pool: Pool) {
  const pass = await findPass(pool)
  const damaged = await listDamaged(pool, mostShown)
  return {
    ...(pass && { pass: { ...pass, begunAt: pass.begunAt.toISOString(), endedAt: pass.endedAt?.toISOString() } }),
    damagedCount: await countDamaged(pool),
    damaged: damaged.map(({ since, ...blob }) => ({ ...blob, since: since.toISOString() })),
  }
}

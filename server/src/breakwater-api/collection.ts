import { RegistryError } from '@breakwater/oci'
import {
  findRun,
  findRunLog,
  listRuns,
  type Run,
  type RunParameters,
  startRun,
  sumRuns,
  type Windows,
  waiting,
} from '../collection/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { record } from '../ledger/index.ts'
import { type Pool, transaction } from '../metadata/index.ts'
import { requireAdministrator } from './administrator.ts'
import { type Asked, json, type Operation, readObject } from './operation.ts'

export interface CollectionApiDeps {
  readonly pool: Pool
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly windows: Windows
}

const object = 'garbage collection'

/** Garbage collection: what it has done, what waits, and runs besides. */
export const collectionOperations: readonly Operation<CollectionApiDeps>[] = [
  { method: 'GET', path: '/collection', handle: showCollection },
  { method: 'POST', path: '/collection/runs', handle: startCollection },
  { method: 'GET', path: '/collection/runs/:id', handle: showRun },
]

async function showCollection({ pool, windows }: CollectionApiDeps, { caller }: Asked) {
  await requireAdministrator(pool, caller, { action: 'collection:read', object })
  const { runs } = await listRuns(pool, 10, 0)
  return json({
    undoSeconds: windows.undo / 1000,
    graceSeconds: windows.grace / 1000,
    waiting: await waiting(pool),
    week: await sumRuns(pool, 7),
    runs: runs.map((run) => describeRun(run)),
  })
}

/** Body: `{dryRun?, deleteUntagged?, strays?}`. Answers 202 with the run, which goes on in the background. */
async function startCollection({ pool, jobs }: CollectionApiDeps, { caller, body }: Asked) {
  await requireAdministrator(pool, caller, { action: 'collection:create', object })
  const parameters = readParameters(body)
  const run = await transaction(pool, async (tx) => {
    const id = await startRun(tx, jobs, parameters)
    await record(tx, caller.actor, {
      action: 'collection.start',
      object: `collection ${id}`,
      detail: { ...parameters },
    })
    return findRun(tx, id)
  })
  return json(run && describeRun(run), 202)
}

async function showRun({ pool }: CollectionApiDeps, { caller, params }: Asked) {
  await requireAdministrator(pool, caller, { action: 'collection:read', object })
  const id = params['id'] ?? ''
  const found = /^\d{1,15}$/.test(id) ? await findRun(pool, Number(id)) : undefined
  if (!found) throw new RegistryError('NOT_FOUND', `collection ${id} was not found`)
  return json(describeRun(found, await findRunLog(pool, found.id)))
}

const switches = ['dryRun', 'deleteUntagged', 'strays'] as const

function readParameters(body: string): RunParameters {
  const given = readObject(body)
  for (const [name, value] of Object.entries(given)) {
    if (!switches.some((known) => known === name))
      throw new RegistryError('BAD_REQUEST', `${name} is unknown; there are ${switches.join(', ')}`)
    if (typeof value !== 'boolean') throw new RegistryError('BAD_REQUEST', `${name} has to be true or false`)
  }
  return Object.fromEntries(switches.map((name) => [name, given[name] === true]))
}

function describeRun({ id, trigger, parameters, state, counts, createdAt, updatedAt }: Run, log?: string) {
  const times = { createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() }
  return { id, trigger, state, ...parameters, counts, ...times, ...(log === undefined ? {} : { log }) }
}

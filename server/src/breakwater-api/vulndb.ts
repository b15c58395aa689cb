import { createWriteStream } from 'node:fs'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RegistryError } from '@breakwater/oci'
import type { Caller } from '../harbor-api/index.ts'
import type { Db } from '../metadata/index.ts'
import { freshness, type Generation, type ImportRecord, mostArchiveBytes, type VulnDatabase } from '../vulndb/index.ts'
import { requireAdministrator } from './administrator.ts'
import { type Asked, json, type Operation, readObject } from './operation.ts'

export interface VulndbDeps {
  readonly pool: Db
  readonly vulndb: Pick<VulnDatabase, 'status' | 'request' | 'upload' | 'findImport'>
}

/** The vulnerability database: what it is, and imports of another one. */
export const vulndbOperations: readonly Operation<VulndbDeps>[] = [
  { method: 'GET', path: '/vulndb', handle: showDatabase },
  { method: 'GET', path: '/vulndb/imports/:id', handle: showImport },
  { method: 'POST', path: '/vulndb/update', handle: updateDatabase },
  { method: 'PUT', path: '/vulndb/import', streams: true, handle: importFile },
]

/** Everybody with an account may see what images are checked against. */
async function showDatabase({ vulndb }: VulndbDeps, { caller }: Asked) {
  requireLogin(caller)
  const { sources, current, imports } = await vulndb.status()
  return json({
    sources,
    database: current ? describeGeneration(current, new Date()) : null,
    imports: imports.map(describeImport),
  })
}

async function showImport({ vulndb }: VulndbDeps, { caller, params }: Asked) {
  requireLogin(caller)
  const id = params['id'] ?? ''
  const found = /^\d{1,15}$/.test(id) ? await vulndb.findImport(Number(id)) : undefined
  if (!found) throw new RegistryError('NOT_FOUND', `import ${id} was not found; only the newest hundred are kept`)
  return json(describeImport(found))
}

/** Body: `{source?, force?}`. Answers 202 with the import, which goes on in the background. */
async function updateDatabase({ pool, vulndb }: VulndbDeps, { caller, body }: Asked) {
  await requireAdministrator(pool, caller, { action: 'vulndb:update', object: 'vulnerability database' })
  const { source, force = false, ...others } = readObject(body)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new RegistryError('BAD_REQUEST', `${unknown} is unknown; there are source and force`)
  if (source !== undefined && typeof source !== 'string')
    throw new RegistryError('BAD_REQUEST', 'source has to be text')
  if (typeof force !== 'boolean') throw new RegistryError('BAD_REQUEST', 'force has to be true or false')
  try {
    return json(describeImport(await vulndb.request({ source, force, actor: caller.actor })), 202)
  } catch (error) {
    if (error instanceof RangeError) throw new RegistryError('BAD_REQUEST', error.message)
    throw error
  }
}

/** Body: a db.tar.gz. Answers 202 when all of it is here; `?force=true` as above. */
async function importFile({ pool, vulndb }: VulndbDeps, { caller, search, stream }: Asked) {
  await requireAdministrator(pool, caller, { action: 'vulndb:update', object: 'vulnerability database' })
  const force = search.get('force') === 'true'
  const made = await vulndb.upload({ force, actor: caller.actor }, (path) => save(stream, path))
  return json(describeImport(made), 202)
}

async function save(body: Readable, path: string): Promise<void> {
  let length = 0
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length
      if (length <= mostArchiveBytes) done(null, chunk)
      else done(new RegistryError('REQUEST_ENTITY_TOO_LARGE', `at most ${mostArchiveBytes} bytes are taken`))
    },
  })
  await pipeline(body, bounded, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  if (length === 0) throw new RegistryError('BAD_REQUEST', 'the body is empty; send a db.tar.gz')
}

function describeGeneration(generation: Generation, now: Date) {
  const { counts, id: _, nextUpdate, ...shown } = generation
  return {
    ...shown,
    nextUpdate: nextUpdate ?? null,
    ageSeconds: Math.max(0, Math.floor((now.getTime() - generation.builtAt.getTime()) / 1000)),
    freshness: freshness(generation, now),
    advisories: Object.values(counts).reduce((sum, count) => sum + count, 0),
    buckets: counts,
  }
}

function describeImport({ actor, stage, stageDone, stageTotal, generation: _, ...shown }: ImportRecord) {
  return {
    ...shown,
    requestedBy: actor.name,
    progress: stage === null ? null : { stage, done: stageDone, total: stageTotal },
  }
}

function requireLogin({ who }: Caller): void {
  if (who.kind === 'anonymous') throw new RegistryError('UNAUTHORIZED', 'unauthorized')
}

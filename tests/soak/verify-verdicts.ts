import { setTimeout as sleep } from 'node:timers/promises'
import type { Breakwater } from '../../bench/lib/breakwater.ts'
import { connectEmbedded } from '../../bench/lib/database.ts'
import { send } from '../../bench/lib/http-client.ts'
import { acceptManifests } from '../../bench/lib/registry-client.ts'
import type { GatedImage } from './gated-image.ts'
import type { Figures } from './scenario.ts'

const deadlineMs = 120_000

/** Pulls every image until the gate has decided, and holds the answer against what it has to be by this database. */
export async function requireVerdicts(
  system: Breakwater,
  images: readonly GatedImage[],
  database: 'first' | 'full',
): Promise<void> {
  for (const image of images) {
    const expected = image.refused[database] ? 403 : 200
    const status = await decision(system, image)
    if (status !== expected) throw new Error(`${image.repository}: ${status} by the ${database} database`)
  }
}

/** The status of a pull, once it is an answer: 503 means that the scan is not through, an error that the server is not. */
async function decision(system: Breakwater, { repository, digest }: GatedImage): Promise<number> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const status = await pull(system, repository, digest).catch((cause: unknown) => cause)
    if (status === 200 || status === 403) return status
    if (Date.now() > deadline) throw new Error(`${repository} has no verdict`, { cause: status })
    await sleep(100)
  }
}

async function pull(system: Breakwater, repository: string, digest: string): Promise<number> {
  const authorization = await system.authorization(repository, 'pull')
  const headers = { accept: acceptManifests, ...(authorization && { authorization }) }
  const { status, body } = await send(system, { method: 'GET', path: `/v2/${repository}/manifests/${digest}`, headers })
  // A refusal that only says that it is not scanned yet is no verdict.
  if (status === 403 && !/\d+ (critical|high)/.test(body.toString())) return 503
  return status
}

interface Counts {
  readonly current: number
  readonly importing: number
  readonly scanned: number
  readonly verdicts: number
  readonly verdict_rows: number
  readonly worse: number
  readonly worse_rows: number
}

/** One row for each thing: scans, verdicts, events, and one database in use. Throws what is missing or there twice. */
export async function verifyRecords(system: Breakwater, images: readonly GatedImage[]): Promise<Figures> {
  const client = await connectEmbedded(system.dataFolder)
  try {
    const digests = images.map(({ digest }) => Buffer.from(digest.slice('sha256:'.length), 'hex'))
    const { rows } = await client.query<Counts>(
      `select
         (select count(*)::int from vulndb_generation where state = 'current') as current,
         (select count(*)::int from vulndb_generation where state = 'importing') as importing,
         (select count(*)::int from scan where digest = any($1) and state = 'success') as scanned,
         (select count(distinct digest)::int from verdict where digest = any($1)) as verdicts,
         (select count(*)::int from verdict where digest = any($1)) as verdict_rows,
         (select count(distinct object)::int from ledger where action = 'artifact.worse') as worse,
         (select count(*)::int from ledger where action = 'artifact.worse') as worse_rows`,
      [digests],
    )
    const [found] = rows
    const all = images.length
    const worse = images.filter((image) => image.worse).length
    const expected: Counts = {
      current: 1,
      importing: 0,
      scanned: all,
      verdicts: all,
      verdict_rows: all,
      worse,
      worse_rows: worse,
    }
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new Error(`records: ${JSON.stringify(found)} in place of ${JSON.stringify(expected)}`)
    }
    return { scans: all, verdicts: all, worseEvents: worse }
  } finally {
    await client.end()
  }
}

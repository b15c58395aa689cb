import type { ImageInventory } from '@breakwater/inventory'
import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { ScanClass, ScanState } from './scan.ts'

/** A scan, without its inventory. */
export interface Scan {
  readonly digest: Digest
  readonly id: string
  readonly revision: number
  readonly state: Exclude<ScanState, 'none'>
  readonly class: ScanClass | null
  readonly failure: string | null
  readonly requestedAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

const columns = `s.digest, s.id, s.revision, s.state, s.class, s.failure, s.requested_at as "requestedAt",
  s.started_at as "startedAt", s.ended_at as "endedAt"`

export async function findScans(db: Db, digests: readonly Digest[]): Promise<Map<Digest, Scan>> {
  const { rows } = await db.query<Omit<Scan, 'digest'> & { digest: Buffer }>({
    name: 'scanning-find',
    text: `select ${columns} from scan s where s.digest = any($1)`,
    values: [digests.map(digestToBytes)],
  })
  const scans = rows.map((row): Scan => ({ ...row, digest: digestFromBytes(row.digest) }))
  return new Map(scans.map((scan) => [scan.digest, scan]))
}

/** What a scan has found, as the last one that ended left it. */
export interface ScanResult {
  readonly scan: Scan
  readonly inventory: ImageInventory | null
  readonly questions: readonly (number | null)[] | null
}

export async function findResult(db: Db, digest: Digest): Promise<ScanResult | undefined> {
  const { rows } = await db.query<Omit<Scan, 'digest'> & Pick<ScanResult, 'inventory' | 'questions'>>({
    name: 'scanning-result',
    // Ids are far below 2^53, and come as numbers in JSON.
    text: `select ${columns}, inventory, to_json(questions) as questions from scan s where s.digest = $1`,
    values: [digestToBytes(digest)],
  })
  const [row] = rows
  if (!row) return undefined
  const { inventory, questions, ...scan } = row
  return { scan: { ...scan, digest }, inventory, questions }
}

/** Whether a push into the project is followed by a scan: always where pulls depend on it. */
export async function scansByItself(db: Db, projectId: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'scanning-automatic',
    text: `select from project p left join project_metadata m on m.project_id = p.id and m.key = 'auto_scan'
           where p.id = $1 and (p.gated or m.value is distinct from 'false')`,
    values: [projectId],
  })
  return rowCount === 1
}

/**
 * Notes that a scan is wanted; false where there is nothing to do. One that has succeeded stays so while it is done
 * again: what is known does not become unknown. `again`: even if it was done with inventories of this format.
 */
export async function putRequest(
  tx: Tx,
  digest: Digest,
  { format, again, sweep }: { readonly format: number; readonly again: boolean; readonly sweep?: number },
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'scanning-request',
    text: `insert into scan as s (digest, state, sweep) values ($1, 'pending', $4)
           on conflict (digest) do update set
             state = case when s.state in ('error', 'stopped') then 'pending' else s.state end,
             id = case when s.state in ('pending', 'running') then s.id else gen_random_uuid() end,
             revision = s.revision + case when s.state in ('error', 'stopped') then 1 else 0 end,
             sweep = coalesce($4, s.sweep), attempts = 0, requested_at = now()
           where $3 or s.state in ('error', 'stopped', 'pending') or (s.state = 'success' and s.format < $2)`,
    values: [digestToBytes(digest), format, again, sweep ?? null],
  })
  return rowCount === 1
}

/** A scan that this process has begun. */
export interface Claim {
  /** A change of the row since then has another one. */
  readonly revision: number
  readonly attempts: number
  readonly mediaType: string
  readonly bytes: Buffer
}

/** Begins a scan that is wanted; undefined where it is not, or not any more. */
export async function claimScan(tx: Tx, digest: Digest): Promise<Claim | undefined> {
  const { rows } = await tx.query<Claim>({
    name: 'scanning-claim',
    text: `update scan s set started_at = now(), attempts = attempts + 1,
             state = case when s.state = 'success' then s.state else 'running' end,
             revision = s.revision + case when s.state = 'success' then 0 else 1 end
           from manifest m
           where s.digest = $1 and m.digest = s.digest
             and (s.state in ('pending', 'running') or (s.state = 'success' and s.requested_at > s.ended_at))
           returning s.revision, s.attempts, m.media_type as "mediaType", m.bytes`,
    values: [digestToBytes(digest)],
  })
  return rows[0]
}

/** What a scan has found. */
export interface Outcome {
  readonly state: 'success' | 'error'
  readonly class: ScanClass | undefined
  readonly failure: string | undefined
  readonly inventory: ImageInventory | undefined
  readonly questions: readonly (number | null)[] | undefined
  readonly format: number
}

/** Ends a scan; false where the row was changed by somebody else meanwhile, whose word holds. */
export async function endScan(tx: Tx, digest: Digest, revision: number, outcome: Outcome): Promise<boolean> {
  const { inventory, questions } = outcome
  const { rowCount } = await tx.query({
    name: 'scanning-end',
    text: `update scan set state = $3, class = $4, failure = $5, inventory = $6, questions = $7, format = $8,
             ended_at = greatest(clock_timestamp(), requested_at), revision = revision + 1
           where digest = $1 and revision = $2`,
    values: [
      digestToBytes(digest),
      revision,
      outcome.state,
      outcome.class ?? null,
      outcome.failure ?? null,
      inventory ? JSON.stringify(inventory) : null,
      questions ?? null,
      outcome.format,
    ],
  })
  return rowCount === 1
}

/**
 * Notes that a scan could not be done now: it waits to be tried again, or (`last`) ends with an error. What an earlier
 * one has found stays.
 */
export async function putFault(
  tx: Tx,
  digest: Digest,
  revision: number,
  { failure, last }: { readonly failure: string; readonly last: boolean },
): Promise<void> {
  await tx.query(
    `update scan set failure = case when state = 'success' then failure else $3 end,
       ended_at = case when $4 then greatest(clock_timestamp(), requested_at) else ended_at end,
       revision = case when state = 'success' then revision else revision + 1 end,
       state = case when state = 'success' then state when $4 then 'error' else 'pending' end
     where digest = $1 and revision = $2`,
    [digestToBytes(digest), revision, failure, last],
  )
}

/** Ends a scan that waits or runs, without a result; false where there is none. */
export async function putStop(tx: Tx, digest: Digest): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update scan set state = 'stopped', failure = null, ended_at = now(), revision = revision + 1
     where digest = $1 and state in ('pending', 'running')`,
    [digestToBytes(digest)],
  )
  return rowCount === 1
}

/** Scans that wait or run, the oldest first. */
export async function listUnfinished(db: Db, limit: number): Promise<Digest[]> {
  const { rows } = await db.query<{ digest: Buffer }>(
    `select digest from scan where state in ('pending', 'running') order by requested_at limit $1`,
    [limit],
  )
  return rows.map((row) => digestFromBytes(row.digest))
}

/** Artifacts of a repository without a scan. */
export async function listUnscanned(db: Db, repositoryId: number): Promise<Digest[]> {
  const { rows } = await db.query<{ digest: Buffer }>(
    `select digest from repository_manifest m
     where repository_id = $1 and not exists (select from scan where digest = m.digest)`,
    [repositoryId],
  )
  return rows.map((row) => digestFromBytes(row.digest))
}

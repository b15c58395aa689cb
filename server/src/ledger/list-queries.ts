import type { Db } from '../metadata/index.ts'

/** Something that happened, or was refused, in Harbor's words. */
export interface Entry {
  /** Never changes, and no other entry has it. */
  readonly id: number
  readonly op_time: Date
  /** A robot's with its prefix. */
  readonly username: string
  readonly operation: string
  readonly resource_type: string
  readonly resource: string
  readonly operation_result: boolean
  /** Of the artifact, where one was pushed or pulled. */
  readonly digest: string | null
}

export interface EntriesWanted {
  /** Only what happened in these; undefined: everything, and what belongs to no project. */
  readonly projects: readonly number[] | undefined
  readonly robotPrefix: string
  /** Conditions on the columns of `Entry`: SQL of ours with `$1`, `$2` …, and the values. */
  readonly filter: { readonly clauses: readonly string[]; readonly values: readonly unknown[] }
  readonly orderBy: string
  readonly offset: number
  readonly limit: number
}

/** Entries that a list counts at least before it stops counting. */
const mostCounted = 100_000

/**
 * Changes (but those of blobs), pulls and refusals as one list. `total` is exact up to 100,000; beyond that it is less
 * than there are, but always more than the page ends with while there is more.
 */
export async function listEntries(db: Db, wanted: EntriesWanted): Promise<{ entries: Entry[]; total: number }> {
  const { filter, orderBy, offset, limit } = wanted
  const values = [...filter.values]
  const sources = entrySources(wanted, values)
  const where = ['true', ...filter.clauses].join(' and ')
  // Each source is cut before they are put together, so that each can be read by its index.
  const cut = (columns: string, rest: string) =>
    sources.map((source) => `(select ${columns} from (${source}) entry where ${where} ${rest})`).join(' union all ')
  const last = `$${values.length + 1}::bigint`
  const counted = await db.query<{ total: number }>(
    `select count(*) as total from (select from (${cut('1', `limit ${last}`)}) entries limit ${last}) counted`,
    [...values, Math.max(mostCounted, offset + limit + 1)],
  )
  const total = counted.rows[0]?.total ?? 0
  if (total <= offset) return { entries: [], total }
  const { rows } = await db.query<Entry>(
    `select * from (${cut('*', `order by ${orderBy} limit ${last}`)}) entries
     order by ${orderBy} offset $${values.length + 2} limit $${values.length + 3}`,
    [...values, offset + limit, offset, limit],
  )
  return { entries: rows, total }
}

/** A select for each table, with the columns of `Entry`. Adds to `values` what they refer to. */
function entrySources({ projects, robotPrefix }: EntriesWanted, values: unknown[]): string[] {
  const prefix = `$${values.push(robotPrefix)}::text`
  const listed = projects && `any($${values.push(projects)}::bigint[])`
  const username = `case when actor like 'user:%' then substr(actor, 6)
    when actor like 'robot:%' then ${prefix} || substr(actor, 7) else actor end`
  return [
    `select id, at as op_time, ${username} as username,
       case split_part(action, '.', 2) when 'push' then 'create' when 'copy' then 'create' when 'rotate' then 'update'
         else split_part(action, '.', 2) end as operation,
       split_part(action, '.', 1) as resource_type,
       case when action like 'robot.%' then ${prefix} else '' end || ${nameIn('object')} as resource,
       true as operation_result, detail ->> 'digest' as digest
     from ledger where action not like 'blob.%' ${listed ? `and project_id = ${listed}` : ''}`,

    `select l.id, l.at as op_time, ${username} as username, 'pull' as operation, 'artifact' as resource_type,
       p.name || '/' || r.name || coalesce(':' || l.tag, '@' || ${digestText}) as resource,
       true as operation_result, ${digestText} as digest
     from pull l left join repository r on r.id = l.repository_id left join project p on p.id = r.project_id
     ${listed ? `where l.repository_id in (select id from repository where project_id = ${listed})` : ''}`,

    `select id, at as op_time, ${username} as username,
       case when action in ('push', 'repository:push') then 'create' when action like '%:%' then split_part(action, ':', 2)
         else action end as operation,
       ${refusedType} as resource_type,
       case when action = 'login' then ${username} when object = 'system' then ${refusedType}
         else ${nameIn('object')} end as resource,
       false as operation_result, null as digest
     from refusal
     where (action in ('login', 'pull', 'push', 'delete') or action ~ ':(create|update|delete|pull|push)$')
       ${listed ? `and project_id = ${listed}` : ''}`,
  ]
}

/** Objects but repositories and what is in them begin with what they are: `project library`. */
function nameIn(object: string): string {
  return `substr(${object}, strpos(${object}, ' ') + 1)`
}

const digestText = `case octet_length(l.digest) when 32 then 'sha256:' else 'sha512:' end || encode(l.digest, 'hex')`

const refusedType = `case when action = 'login' then 'user' when action in ('pull', 'push', 'delete') then 'artifact'
  else split_part(action, ':', 1) end`

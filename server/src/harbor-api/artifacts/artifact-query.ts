import { digestToBytes, parseDigest, RegistryError } from '@breakwater/oci'
import { artifactColumns } from '../../artifacts/index.ts'
import { type Condition, type Conditions, parseQuery, parseSort } from '../request/query.ts'
import { applyConditions, type Column, type Filter } from '../request/sql-filter.ts'

const columns: Readonly<Record<string, Column>> = {
  id: { sql: artifactColumns.id, type: 'bigint' },
  repository_id: { sql: artifactColumns.repositoryId, type: 'bigint' },
  digest: { sql: artifactColumns.digest, type: 'text' },
  type: { sql: artifactColumns.kind, type: 'text' },
  media_type: { sql: artifactColumns.mediaType, type: 'text' },
  manifest_media_type: { sql: artifactColumns.manifestMediaType, type: 'text' },
  artifact_type: { sql: artifactColumns.artifactType, type: 'text' },
  size: { sql: artifactColumns.size, type: 'bigint' },
  push_time: { sql: artifactColumns.pushedAt, type: 'timestamptz' },
  pull_time: { sql: artifactColumns.pulledAt, type: 'timestamptz' },
}

const sortable = Object.fromEntries(Object.entries(columns).map(([key, { sql }]) => [key, sql]))

/** What Harbor's `q` asks of artifacts. `all`: also those that only indexes name. */
export function artifactFilter(q: string | undefined): { filter: Filter; all: boolean } {
  const conditions = new Map(parseQuery(q))
  const filter: Filter = { clauses: [], values: [] }
  const all = readBase(take(conditions, 'base'))
  const tags = take(conditions, 'tags')
  if (tags) filter.clauses.push(tagClause(filter, tags))
  const labels = take(conditions, 'labels')
  if (labels) filter.clauses.push(labelClause(filter, labels))
  const digest = conditions.get('digest')
  // The column is made for other kinds of conditions; this one is by key.
  if (digest?.kind === 'exact') filter.clauses.push(digestClause(filter, take(conditions, 'digest')))
  return { filter: applyConditions(filter, conditions satisfies Conditions, columns), all }
}

export function artifactOrder(sort: string | undefined): string {
  return parseSort(sort, sortable, 'a.pushed_at desc, a.artifact_id desc')
}

function take(conditions: Map<string, Condition>, key: string): Condition | undefined {
  const found = conditions.get(key)
  conditions.delete(key)
  return found
}

function readBase(base: Condition | undefined): boolean {
  if (!base) return false
  if (base.kind === 'exact' && base.value === '*') return true
  throw new RegistryError('BAD_REQUEST', 'the value of "base" query can only be exact match value with "*"')
}

const tag = 'select from tag t where t.digest = a.digest and t.repository_id = a.repository_id'

function tagClause({ values }: Filter, condition: Condition): string {
  switch (condition.kind) {
    case 'exact':
      if (condition.value === '*') return `exists (${tag})`
      if (condition.value === 'nil') return `not exists (${tag})`
      return `exists (${tag} and t.name = $${values.push(condition.value)})`
    case 'fuzzy':
      return `exists (${tag} and strpos(t.name, $${values.push(condition.value)}) > 0)`
    default:
      throw new RegistryError('BAD_REQUEST', 'the value of "tags" query can only be exact match or fuzzy match')
  }
}

function labelClause({ values }: Filter, condition: Condition): string {
  const ids = condition.kind === 'intersection' ? condition.values : undefined
  if (!ids?.every((id) => /^\d{1,18}$/.test(id))) {
    throw new RegistryError(
      'BAD_REQUEST',
      'the value of "labels" query can only be integer list with intersetion relationship',
    )
  }
  const distinct = [...new Set(ids.map(Number))]
  return `(select count(*) from artifact_label f where f.repository_id = a.repository_id and f.digest = a.digest
    and f.label_id = any($${values.push(distinct)}::bigint[])) = ${distinct.length}`
}

function digestClause({ values }: Filter, condition: Condition | undefined): string {
  const digest = condition?.kind === 'exact' ? parseDigest(condition.value) : undefined
  return digest ? `a.digest = $${values.push(digestToBytes(digest))}` : 'false'
}

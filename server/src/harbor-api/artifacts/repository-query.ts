import { digestToBytes, parseDigest } from '@breakwater/oci'
import { pullsColumn, updatedColumn } from '../../projects/index.ts'
import { parseQuery, parseSort } from '../request/query.ts'
import { applyConditions, type Column, type Filter } from '../request/sql-filter.ts'

const name = `(p.name || '/' || r.name)`

const columns: Readonly<Record<string, Column>> = {
  id: { sql: 'r.id', type: 'bigint' },
  repository_id: { sql: 'r.id', type: 'bigint' },
  project_id: { sql: 'r.project_id', type: 'bigint' },
  name: { sql: name, type: 'text' },
  description: { sql: 'r.description', type: 'text' },
  pull_count: { sql: pullsColumn, type: 'bigint' },
  creation_time: { sql: 'r.created_at', type: 'timestamptz' },
  update_time: { sql: updatedColumn, type: 'timestamptz' },
}

const sortable = Object.fromEntries(Object.entries(columns).map(([key, { sql }]) => [key, sql]))

/** Harbor's `q` for repositories; `blob_digest` asks for those that may use a blob. */
export function repositoryFilter(q: string | undefined): Filter {
  const filter: Filter = { clauses: [], values: [] }
  const conditions = new Map(parseQuery(q))
  const blob = conditions.get('blob_digest')
  if (blob) {
    const digest = blob.kind === 'exact' ? parseDigest(blob.value) : undefined
    filter.clauses.push(
      digest
        ? `r.id in (select repository_id from repository_blob where digest = $${filter.values.push(digestToBytes(digest))})`
        : 'false',
    )
  }
  return applyConditions(filter, conditions, columns)
}

export function repositoryOrder(sort: string | undefined): string {
  return parseSort(sort, sortable, 'r.created_at desc, r.id desc')
}

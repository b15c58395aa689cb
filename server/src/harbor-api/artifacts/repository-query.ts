import { digestToBytes, parseDigest } from '@breakwater/oci'
import { blobIsOpen } from '../../policy/index.ts'
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

/** Harbor's `q` for repositories; `blob_digest` asks for those that a blob may be mounted from (gate.md G3). */
export function repositoryFilter(q: string | undefined): Filter {
  const filter: Filter = { clauses: [], values: [] }
  const conditions = new Map(parseQuery(q))
  const blob = conditions.get('blob_digest')
  if (blob) {
    const digest = blob.kind === 'exact' ? parseDigest(blob.value) : undefined
    filter.clauses.push(digest ? mountable(`$${filter.values.push(digestToBytes(digest))}`) : 'false')
  }
  return applyConditions(filter, conditions, columns)
}

function mountable(digest: string): string {
  return `(r.id in (select repository_id from repository_blob where digest = ${digest}) and ${blobIsOpen('r.id', digest)})`
}

export function repositoryOrder(sort: string | undefined): string {
  return parseSort(sort, sortable, 'r.created_at desc, r.id desc')
}

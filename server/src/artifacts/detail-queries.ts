import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'
import type { Artifact } from './list-queries.ts'

/** Details of many artifacts, by the id of the artifact; those that have none are left out. */
export type Details<T> = ReadonlyMap<number, readonly T[]>

export interface TagDetail {
  readonly id: number
  readonly repositoryId: number
  readonly artifactId: number
  readonly name: string
  readonly pushedAt: Date
  /** Null: never pulled by this name. */
  readonly pulledAt: Date | null
}

export interface AccessoryDetail {
  readonly id: number
  readonly artifactId: number
  /** The artifact that it belongs to. */
  readonly subjectId: number
  readonly subject: Digest
  readonly digest: Digest
  /** Harbor's: signature.cosign, … */
  readonly type: string
  /** In bytes, with all that belongs to it. */
  readonly size: number
  readonly createdAt: Date
}

/** What an index lists. */
export interface ReferenceDetail {
  readonly childId: number
  readonly child: Digest
  readonly platform: object | null
  readonly annotations: Readonly<Record<string, string>> | null
}

type Key = Pick<Artifact, 'id' | 'repositoryId' | 'digest'>

const asked = 'unnest($1::bigint[], $2::bytea[], $3::bigint[]) as asked (repository_id, digest, id)'

function keys(artifacts: readonly Key[]): unknown[] {
  return [
    artifacts.map(({ repositoryId }) => repositoryId),
    artifacts.map(({ digest }) => digestToBytes(digest)),
    artifacts.map(({ id }) => id),
  ]
}

function group<R extends { key: number }, T>(rows: readonly R[], detail: (row: R) => T): Details<T> {
  const groups = new Map<number, T[]>()
  for (const row of rows) {
    const group = groups.get(row.key)
    if (group) group.push(detail(row))
    else groups.set(row.key, [detail(row)])
  }
  return groups
}

/** The newest first. */
export async function tagsOf(db: Db, artifacts: readonly Key[]): Promise<Details<TagDetail>> {
  const { rows } = await db.query<TagDetail & { key: number }>({
    name: 'artifact-detail-tags',
    text: `select asked.id as key, t.id, t.repository_id as "repositoryId", asked.id as "artifactId", t.name,
             t.updated_at as "pushedAt", l.last_at as "pulledAt"
           from ${asked} join tag t on t.digest = asked.digest and t.repository_id = asked.repository_id
           left join tag_pull l on l.repository_id = t.repository_id and l.tag = t.name
           order by t.updated_at desc, t.id desc`,
    values: keys(artifacts),
  })
  return group(rows, ({ key: _, ...tag }) => tag)
}

/** In the order in which they came. */
export async function accessoriesOf(db: Db, artifacts: readonly Key[]): Promise<Details<AccessoryDetail>> {
  const { rows } = await db.query<
    Omit<AccessoryDetail, 'subject' | 'digest'> & { key: number; subject: Buffer; digest: Buffer }
  >({
    name: 'artifact-detail-accessories',
    text: `select asked.id as key, f.id, a.artifact_id as "artifactId", asked.id as "subjectId", f.subject, f.digest,
             a.accessory_type as type, coalesce(m.total_size, m.size) as size, f.created_at as "createdAt"
           from ${asked} join referrer f on f.repository_id = asked.repository_id and f.subject = asked.digest
           join repository_manifest a on a.repository_id = f.repository_id and a.digest = f.digest
           join manifest m on m.digest = f.digest
           order by f.id`,
    values: keys(artifacts),
  })
  return group(rows, ({ key: _, ...row }) => ({
    ...row,
    subject: digestFromBytes(row.subject),
    digest: digestFromBytes(row.digest),
  }))
}

/** In the index's order. */
export async function referencesOf(db: Db, artifacts: readonly Key[]): Promise<Details<ReferenceDetail>> {
  const { rows } = await db.query<Omit<ReferenceDetail, 'child'> & { key: number; child: Buffer }>({
    name: 'artifact-detail-references',
    text: `select asked.id as key, a.artifact_id as "childId", f.child, f.platform, f.annotations
           from ${asked} join manifest_reference f on f.parent = asked.digest
           join repository_manifest a on a.repository_id = asked.repository_id and a.digest = f.child
           order by f.parent, f.position`,
    values: keys(artifacts),
  })
  return group(rows, ({ key: _, ...row }) => ({ ...row, child: digestFromBytes(row.child) }))
}

import { type Digest, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { Details } from './detail-queries.ts'

export interface Label {
  readonly id: number
  /** Null: of the system, for artifacts of every project. */
  readonly projectId: number | null
  readonly name: string
  readonly description: string
  readonly color: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type LabelText = Pick<Label, 'name' | 'description' | 'color'>

interface Filter {
  readonly clauses: readonly string[]
  readonly values: readonly unknown[]
}

const columns = `b.id, b.project_id as "projectId", b.name, b.description, b.color, b.created_at as "createdAt",
  b.updated_at as "updatedAt"`

/** Labels of one project, or of the system; columns of the filter are those of `label b`. */
export async function findLabels(
  db: Db,
  projectId: number | null,
  filter: Filter,
  orderBy: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ labels: Label[]; total: number }> {
  const values = [...filter.values]
  const where = [`coalesce(b.project_id, 0) = $${values.push(projectId ?? 0)}`, ...filter.clauses].join(' and ')
  const counted = await db.query<{ total: number }>(`select count(*) as total from label b where ${where}`, values)
  const { rows } = await db.query<Label>(
    `select ${columns} from label b where ${where} order by ${orderBy}
     offset $${values.push(window.offset)} limit $${values.push(window.limit)}`,
    values,
  )
  return { labels: rows, total: counted.rows[0]?.total ?? 0 }
}

export async function findLabel(db: Db, id: number): Promise<Label | undefined> {
  const { rows } = await db.query<Label>(`select ${columns} from label b where id = $1`, [id])
  return rows[0]
}

/** The new label's id, or undefined where the name is taken. */
export async function insertLabel(tx: Tx, projectId: number | null, label: LabelText): Promise<number | undefined> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into label (project_id, name, description, color) values ($1, $2, $3, $4)
     on conflict do nothing returning id`,
    [projectId, label.name, label.description, label.color],
  )
  return rows[0]?.id
}

/** False where another label of the same project has the name. */
export async function updateLabel(tx: Tx, { id, projectId }: Label, label: LabelText): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update label set name = $2, description = $3, color = $4, updated_at = now()
     where id = $1 and not exists (select from label other
       where coalesce(other.project_id, 0) = $5 and other.name = $2 and other.id <> $1)`,
    [id, label.name, label.description, label.color, projectId ?? 0],
  )
  return rowCount === 1
}

/** Takes it off all artifacts. */
export async function deleteLabel(tx: Tx, id: number): Promise<boolean> {
  const { rowCount } = await tx.query('delete from label where id = $1', [id])
  return rowCount === 1
}

/** False where the artifact has the label already. Both must be locked, or known to be there. */
export async function attachLabel(tx: Tx, repositoryId: number, digest: Digest, labelId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into artifact_label (repository_id, digest, label_id) values ($1, $2, $3) on conflict do nothing',
    [repositoryId, digestToBytes(digest), labelId],
  )
  return rowCount === 1
}

/** False where the artifact did not have the label. */
export async function detachLabel(tx: Tx, repositoryId: number, digest: Digest, labelId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'delete from artifact_label where repository_id = $1 and digest = $2 and label_id = $3',
    [repositoryId, digestToBytes(digest), labelId],
  )
  return rowCount === 1
}

/** By id of the artifact, those without labels left out. */
export async function labelsOf(
  db: Db,
  artifacts: readonly { readonly id: number; readonly repositoryId: number; readonly digest: Digest }[],
): Promise<Details<Label>> {
  const { rows } = await db.query<Label & { key: number }>({
    name: 'artifact-detail-labels',
    text: `select asked.artifact as key, ${columns}
           from unnest($1::bigint[], $2::bytea[], $3::bigint[]) as asked (repository_id, digest, artifact)
           join artifact_label f on f.repository_id = asked.repository_id and f.digest = asked.digest
           join label b on b.id = f.label_id order by b.id`,
    values: [
      artifacts.map(({ repositoryId }) => repositoryId),
      artifacts.map(({ digest }) => digestToBytes(digest)),
      artifacts.map(({ id }) => id),
    ],
  })
  const found = new Map<number, Label[]>()
  for (const { key, ...label } of rows) found.set(key, [...(found.get(key) ?? []), label])
  return found
}

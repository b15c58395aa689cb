import { type Digest, digestFromBytes, digestToBytes, type Reference } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'

/** An artifact of a repository, as lists show it. */
export interface Artifact {
  readonly id: number
  readonly projectId: number
  readonly repositoryId: number
  /** The repository's full name. */
  readonly repository: string
  readonly digest: Digest
  /** Harbor's type: IMAGE, CHART, …, UNKNOWN. */
  readonly kind: string
  /** The config's; an index has its own. */
  readonly mediaType: string
  readonly manifestMediaType: string
  readonly artifactType: string
  /** In bytes, with all that belongs to it. */
  readonly size: number
  readonly pushedAt: Date
  /** Null: never pulled. */
  readonly pulledAt: Date | null
  readonly attributes: Readonly<Record<string, unknown>> | null
  readonly annotations: Readonly<Record<string, string>> | null
  /** Null where it is no accessory. */
  readonly accessoryType: string | null
  /** Null for an index. */
  readonly configDigest: Digest | null
}

/** SQL of ours with `$1`, `$2` …, and the values; see artifactColumns. */
interface Filter {
  readonly clauses: readonly string[]
  readonly values: readonly unknown[]
}

/** What lists may be filtered and sorted by. */
export const artifactColumns = {
  id: 'a.artifact_id',
  repositoryId: 'a.repository_id',
  digest: `(case length(a.digest) when 32 then 'sha256:' else 'sha512:' end || encode(a.digest, 'hex'))`,
  kind: `coalesce(m.kind, 'UNKNOWN')`,
  mediaType: 'coalesce(m.config_type, m.media_type)',
  manifestMediaType: 'm.media_type',
  artifactType: 'coalesce(m.artifact_type, m.media_type)',
  size: 'coalesce(m.total_size, m.size)',
  pushedAt: 'a.pushed_at',
  pulledAt: 'l.last_at',
} as const

// Outer joins by unique keys: the planner leaves out those that a count has no use for.
const joins = `left join manifest m on m.digest = a.digest
  left join artifact_pull l on l.repository_id = a.repository_id and l.digest = a.digest`
const columns = `a.artifact_id as id, r.project_id as "projectId", a.repository_id as "repositoryId",
  p.name || '/' || r.name as repository, a.digest, ${artifactColumns.kind} as kind,
  ${artifactColumns.mediaType} as "mediaType", m.media_type as "manifestMediaType",
  ${artifactColumns.artifactType} as "artifactType", ${artifactColumns.size} as size, a.pushed_at as "pushedAt",
  l.last_at as "pulledAt", m.extra_attrs as attributes, m.annotations, a.accessory_type as "accessoryType",
  m.config_digest as "configDigest"`
const named = `join repository r on r.id = a.repository_id join project p on p.id = r.project_id`

type Row = Omit<Artifact, 'digest' | 'configDigest'> & { digest: Buffer; configDigest: Buffer | null }

function fromRow(row: Row): Artifact {
  const { configDigest } = row
  return {
    ...row,
    digest: digestFromBytes(row.digest),
    configDigest: configDigest ? digestFromBytes(configDigest) : null,
  }
}

/** Where a list looks. `all`: also what only indexes name. `latest`: of each repository only what was pushed last. */
export interface ArtifactScope {
  readonly in: { readonly repositoryId: number } | { readonly projectId: number; readonly latest: boolean }
  readonly all: boolean
}

export async function findArtifacts(
  db: Db,
  scope: ArtifactScope,
  filter: Filter,
  orderBy: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ artifacts: Artifact[]; total: number }> {
  const values = [...filter.values]
  const known = '(select * from repository_manifest where accessory_type is null)'
  const table = scope.all ? known : 'listed_artifact'
  const where = [within(scope, table, values), ...filter.clauses].join(' and ')
  const count = (condition: string) => `(select count(*) from ${known} a ${joins} where ${where} and ${condition})`
  const plain = filter.clauses.length > 0 || isLatest(scope) ? count('a.parents = 0') : plainArtifacts(scope)
  // Apart, the tags are joined as a whole, and not looked up for each child of an index.
  const total = scope.all
    ? count('true')
    : `${plain} + ${count(`a.parents > 0 and exists (
        select from tag t where t.digest = a.digest and t.repository_id = a.repository_id)`)}`
  const counted = await db.query<{ total: number }>(`select ${total} as total`, values)
  // The page is cut before its columns are looked up.
  const cut = `select a.* from ${table} a ${joins} where ${where} order by ${orderBy}
    offset $${values.push(window.offset)} limit $${values.push(window.limit)}`
  const { rows } = await db.query<Row>(
    `select ${columns} from (${cut}) a ${joins} ${named} order by ${orderBy}`,
    values,
  )
  return { artifacts: rows.map(fromRow), total: counted.rows[0]?.total ?? 0 }
}

const isLatest = (scope: ArtifactScope) => 'latest' in scope.in && scope.in.latest

/** How many no index lists, for a scope of all: `$1` is its repository or project. */
function plainArtifacts(scope: ArtifactScope): string {
  const repositories = 'repositoryId' in scope.in ? '= $1' : 'in (select id from repository where project_id = $1)'
  return `(select coalesce(sum(plain), 0)::bigint from counted_artifacts where repository_id ${repositories})`
}

function within(scope: ArtifactScope, table: string, values: unknown[]): string {
  if ('repositoryId' in scope.in) return `a.repository_id = $${values.push(scope.in.repositoryId)}`
  const project = `$${values.push(scope.in.projectId)}`
  if (!scope.in.latest) return `a.repository_id in (select id from repository where project_id = ${project})`
  return `a.artifact_id in (select last.artifact_id from repository r cross join lateral (
      select artifact_id from ${table} x where x.repository_id = r.id
      order by pushed_at desc, artifact_id desc limit 1) last
    where r.project_id = ${project})`
}

/** Accessories and children of indexes too. */
export async function findArtifact(db: Db, repositoryId: number, reference: Reference): Promise<Artifact | undefined> {
  const tagged = '(select digest from tag where repository_id = $1 and name = $2)'
  const { rows } = await db.query<Row>(
    `select ${columns} from repository_manifest a ${joins} ${named}
     where a.repository_id = $1 and a.digest = ${reference.kind === 'tag' ? tagged : '$2'}`,
    [repositoryId, reference.kind === 'tag' ? reference.tag : digestToBytes(reference.digest)],
  )
  return rows[0] && fromRow(rows[0])
}

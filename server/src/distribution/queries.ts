import {
  type Digest,
  digestFromBytes,
  digestToBytes,
  projectOf,
  type RepositoryName,
  repositoryInProject,
} from '@breakwater/oci'
import { LRUCache } from 'lru-cache'
import { type AccessFacts, rankRoles } from '../access/index.ts'
import type { Principal } from '../identity/index.ts'
import { type Db, Lookup } from '../metadata/index.ts'
import type { Tracing } from '../observability/index.ts'
import { blobIsOpen, type KnownVerdict, verdictHolds } from '../policy/index.ts'
import type { ManifestReference } from './path.ts'

/** What one round trip says about a request: the project, the caller's part in it, and what is asked for. */
export interface RepositoryFacts extends AccessFacts {
  /** `gated`: nothing goes out without a verdict. */
  readonly project: { readonly id: number; readonly public: boolean; readonly gated: boolean } | undefined
  /** Undefined where nothing was ever pushed under the name. */
  readonly repositoryId: number | undefined
}

export interface ManifestFacts extends RepositoryFacts {
  readonly manifest: { readonly digest: Digest; readonly mediaType: string; readonly size: number } | undefined
  /** The one that holds, if the project is gated and there is one. */
  readonly verdict: KnownVerdict | undefined
}

export interface BlobFacts extends RepositoryFacts {
  /** In bytes; undefined where the blob is not linked in the repository, or damaged. */
  readonly blobSize: number | undefined
  /** It is linked, and its bytes are not what its digest says. */
  readonly blobDamaged: boolean
  /** Whether it may go out without asking the gate. */
  readonly open: boolean
}

interface Asked {
  readonly name: RepositoryName
  readonly who: Principal
}
export interface ManifestAsked extends Asked {
  readonly reference: ManifestReference
}
export interface BlobAsked extends Asked {
  readonly digest: Digest | undefined
}

export interface PullLookups {
  readonly manifest: Lookup<ManifestAsked, ManifestFacts>
  readonly blob: Lookup<BlobAsked, BlobFacts>
}

interface FactRow {
  project_id: number | null
  public: boolean
  gated: boolean | null
  repository_id: number | null
  revision: number | null
  system_admin: boolean
  roles: (number | null)[]
  granted: string[] | null
}

interface ManifestRow extends FactRow {
  digest: Buffer | null
  media_type: string
  size: number
  allow: boolean | null
  reasons: KnownVerdict['reasons'] | null
}

/**
 * Many look-ups in one round trip: arrays in, rows out in the order of the arrays. Every join is by a unique index, so
 * the cost does not grow with the tables (bench: pull growth).
 */
const factColumns = `p.id project_id, p.public, p.gated, r.id repository_id, coalesce(u.revision, b.revision) revision,
  coalesce(u.system_admin, false) system_admin,
  array(select m.role_id union all select gm.role_id from user_group_member ug
    join member gm on gm.group_id = ug.group_id and gm.project_id = p.id where ug.user_id = asked.account) roles,
  case when b.id is not null then array(select g.resource || ':' || g.action from robot_grant g
    where g.robot_id = b.id and g.project_id in (p.id, 0) and g.resource = 'repository') end granted`
const factJoins = `left join project p on p.name = asked.project and p.deleted_at is null
  left join repository r on r.project_id = p.id and r.name = asked.repository
  left join user_account u on u.id = asked.account and u.deleted_at is null
  left join robot b on b.id = asked.robot and not b.disabled and (b.expires_at is null or b.expires_at > now())
  left join member m on m.user_id = asked.account and m.project_id = p.id`

const manifestQuery = (verdict: { readonly columns: string; readonly join: string }) =>
  `select ${factColumns}, a.digest, a.media_type, a.size, ${verdict.columns}
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bytea[])
    with ordinality as asked (project, repository, account, robot, tag, digest, position)
  ${factJoins}
  left join tag t on t.repository_id = r.id and t.name = asked.tag
  left join repository_manifest a on a.repository_id = r.id and a.digest = coalesce(asked.digest, t.digest)
  ${verdict.join}
  order by asked.position`

const blobQuery = (open: string) => `select ${factColumns}, c.size, c.damaged_at is not null as damaged, ${open} as open
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bytea[])
    with ordinality as asked (project, repository, account, robot, digest, position)
  ${factJoins}
  left join repository_blob l on l.repository_id = r.id and l.digest = asked.digest and l.doomed_at is null
  left join blob c on c.digest = l.digest
  order by asked.position`

/** Each query as it is where nobody asked for a gated project, and where somebody did: verdicts cost a tenth more. */
const queries = {
  open: {
    manifest: manifestQuery({ columns: 'null::boolean as allow, null::jsonb as reasons', join: '' }),
    blob: blobQuery('not p.gated'),
  },
  gated: {
    // By a key of one column, which leaves the planner no choice; what nothing speaks against has no reasons to read.
    manifest: manifestQuery({
      columns: `v.allow, nullif(v.reasons, '[]') as reasons`,
      join: `left join verdict v on v.artifact_id = a.artifact_id and ${verdictHolds}`,
    }),
    blob: blobQuery(blobIsOpen('r.id', 'l.digest')),
  },
}

const limits = { inFlight: 2, batch: 256 }
const lookupAttributes = { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT' }

export function createPullLookups(db: Db, tracing?: Tracing): PullLookups {
  // One query answers many requests: each of them has a span of its own for its wait.
  const within = <R>(name: string) =>
    tracing && ((work: () => Promise<R>) => tracing.child(name, 'client', lookupAttributes, work))
  const projects = createGatedProjects()
  return {
    manifest: new Lookup(
      async (asked) => {
        const kind = projects.expected(asked)
        const { rows } = await db.query<ManifestRow>({
          name: `pull-manifest-${kind}`,
          text: queries[kind].manifest,
          values: [
            ...common(asked),
            asked.map(({ reference }) => (reference.kind === 'tag' ? reference.tag : null)),
            asked.map(({ reference }) => (reference.kind === 'digest' ? digestToBytes(reference.digest) : null)),
          ],
        })
        projects.learn(asked, rows)
        return rows.map((row) => ({
          ...facts(row),
          manifest: row.digest
            ? { digest: digestFromBytes(row.digest), mediaType: row.media_type, size: row.size }
            : undefined,
          verdict: row.gated && row.allow !== null ? { allow: row.allow, reasons: row.reasons ?? [] } : undefined,
        }))
      },
      limits,
      within('pull-manifest'),
    ),
    blob: new Lookup(
      async (asked) => {
        const kind = projects.expected(asked)
        const { rows } = await db.query<FactRow & { size: number | null; damaged: boolean; open: boolean | null }>({
          name: `pull-blob-${kind}`,
          text: queries[kind].blob,
          values: [...common(asked), asked.map(({ digest }) => (digest ? digestToBytes(digest) : null))],
        })
        projects.learn(asked, rows)
        return rows.map(({ size, damaged, open, ...row }) => ({
          ...facts(row),
          blobSize: damaged ? undefined : (size ?? undefined),
          blobDamaged: damaged,
          open: open === true,
        }))
      },
      limits,
      within('pull-blob'),
    ),
  }
}

/**
 * Which projects were gated when they were last asked for: only to choose the query. Whether one is gated is read each
 * time; where that was not expected, the gate has to be asked for its verdict once more.
 */
function createGatedProjects() {
  const known = new LRUCache<string, true>({ max: 10_000 })
  return {
    expected: (asked: readonly Asked[]): keyof typeof queries =>
      known.size > 0 && asked.some(({ name }) => known.has(projectOf(name))) ? 'gated' : 'open',
    learn(asked: readonly Asked[], rows: readonly FactRow[]) {
      for (const [i, { gated }] of rows.entries()) {
        const name = asked[i]?.name
        if (!name || (!gated && known.size === 0)) continue
        const project = projectOf(name)
        if (gated !== known.has(project)) {
          if (gated) known.set(project, true)
          else known.delete(project)
        }
      }
    },
  }
}

function common(asked: readonly Asked[]): unknown[] {
  return [
    asked.map(({ name }) => projectOf(name)),
    asked.map(({ name }) => repositoryInProject(name)),
    asked.map(({ who }) => (who.kind === 'user' ? who.id : null)),
    asked.map(({ who }) => (who.kind === 'robot' ? who.id : null)),
  ]
}

function facts(row: FactRow): RepositoryFacts {
  return {
    project:
      row.project_id === null ? undefined : { id: row.project_id, public: row.public, gated: row.gated === true },
    repositoryId: row.repository_id ?? undefined,
    account: row.revision === null ? undefined : { revision: row.revision, systemAdmin: row.system_admin },
    roles: rankRoles(row.roles),
    granted: row.granted ?? [],
  }
}

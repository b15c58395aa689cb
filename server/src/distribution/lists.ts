import { type Digest, mediaType, parseDigest, RegistryError, type RepositoryName } from '@breakwater/oci'
import { countReferrers, findReferrers, listRepositories, listTags, type ReferrerRow } from '../artifacts/index.ts'
import type { Reply } from '../http/index.ts'
import { authorize, requireCurrent, requireProject, requireRepository, unauthorized } from './authorize.ts'
import { shownTo } from './foreign-evidence.ts'
import type { Operation } from './operation.ts'

/** Entries of one answer; the Link header leads on. */
const mostEntries = 10_000
const mostReferrers = 1_000

/** end-8 · GET /v2/<name>/tags/list */
export const tagsList: Operation<{ name: RepositoryName }> = async (deps, call, { name }) => {
  const facts = await deps.lookups.blob.get({ name, digest: undefined, who: call.who })
  await authorize(deps, call, facts, 'pull', name)
  requireProject(facts, name)
  const repositoryId = requireRepository(facts, name)
  const { limit, last } = page(call.query)
  const shown = await shownTo(deps, call, facts)
  const tags = limit === 0 ? [] : await listTags(deps.pool, repositoryId, last, limit + 1, shown)
  return list({ name, tags: tags.slice(0, limit) }, tags, limit, `/v2/${name}/tags/list`)
}

/** GET /v2/_catalog: the repositories that the caller may pull from. */
export const catalog: Operation<unknown> = async (deps, { who, query }) => {
  if (who.kind === 'anonymous') throw unauthorized('unauthorized to list catalog')
  await requireCurrent(deps, who)
  const { limit, last } = page(query)
  const names = limit === 0 ? [] : await listRepositories(deps.pool, who, last, limit + 1)
  return list({ repositories: names.slice(0, limit) }, names, limit, '/v2/_catalog')
}

function page(query: URLSearchParams): { limit: number; last: string } {
  const n = query.get('n')
  if (n !== null && !/^\d{1,9}$/.test(n)) {
    throw new RegistryError('BAD_REQUEST', 'the N must be a positive int type', { detail: { n } })
  }
  return { limit: Math.min(n === null ? mostEntries : Number(n), mostEntries), last: query.get('last') ?? '' }
}

/** `found` holds one more than the page where there is more. */
function list(body: object, found: readonly string[], limit: number, path: string): Reply {
  const last = found[limit - 1]
  const more = found.length > limit && last !== undefined
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      ...(more ? { Link: `<${path}?last=${encodeURIComponent(last)}&n=${limit}>; rel="next"` } : {}),
    },
    body: JSON.stringify(body),
  }
}

/** end-12 · GET /v2/<name>/referrers/<digest>. An unknown subject or repository has none. */
export const referrers: Operation<{ name: RepositoryName; digest: Digest }> = async (deps, call, { name, digest }) => {
  const facts = await deps.lookups.blob.get({ name, digest: undefined, who: call.who })
  await authorize(deps, call, facts, 'pull', name)
  requireProject(facts, name)
  const artifactType = call.query.get('artifactType') ?? undefined
  const { repositoryId = 0 } = facts
  const last = parseDigest(call.query.get('last') ?? '')
  const by = { repositoryId, subject: digest, artifactType, shown: await shownTo(deps, call, facts) }
  const found = await findReferrers(deps.pool, { ...by, last }, mostReferrers + 1)
  const listed = found.slice(0, mostReferrers)
  const more = found.length > mostReferrers
  const total = more || last ? await countReferrers(deps.pool, by) : listed.length
  const next = new URLSearchParams({
    last: listed.at(-1)?.digest ?? '',
    ...(artifactType === undefined ? {} : { artifactType }),
  })
  return {
    status: 200,
    headers: {
      'Content-Type': mediaType.ociIndex,
      'X-Total-Count': total,
      ...(artifactType === undefined ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(more ? { Link: `</v2/${name}/referrers/${digest}?${next}>; rel="next"` } : {}),
    },
    body: JSON.stringify({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: listed.map(descriptorOf) }),
  }
}

function descriptorOf({ mediaType: type, digest, size, annotations, artifactType }: ReferrerRow): object {
  return {
    mediaType: type,
    digest,
    size,
    ...(annotations ? { annotations } : {}),
    ...(artifactType ? { artifactType } : {}),
  }
}

import { type Digest, digestToBytes, RegistryError, type RepositoryName } from '@breakwater/oci'
import { decide, holds } from '../access/index.ts'
import { manifestBytes } from '../artifacts/index.ts'
import type { UnsignedUse } from '../policy/index.ts'
import { authorize, requireProject, requireRepository } from './authorize.ts'
import { isHidden } from './foreign-evidence.ts'
import type { Call, DistributionDeps, Operation } from './operation.ts'
import type { ManifestReference } from './path.ts'
import type { RepositoryFacts } from './queries.ts'

interface ManifestTarget {
  readonly name: RepositoryName
  readonly reference: ManifestReference
}

/** end-3 · GET and HEAD /v2/<name>/manifests/<reference>. One round trip to the database, none for the bytes of a warm one. */
export const pullManifest: Operation<ManifestTarget> = async (deps, call, { name, reference }) => {
  const facts = await deps.lookups.manifest.get({ name, reference, who: call.who })
  await authorize(deps, call, facts, 'pull', name)
  const project = requireProject(facts, name)
  const repositoryId = requireRepository(facts, name)
  const { manifest } = facts
  if (!manifest) throw unknownManifest(name, reference)

  const { digest } = manifest
  if (await isHidden(deps, call, facts, { reference, digest })) throw unknownManifest(name, reference)
  const place = { projectId: project.id, repositoryId, repository: name }
  let { verdict } = facts
  if (project.gated && !verdict?.allow && !looksBeforePush(call, facts, name)) {
    const unsigned = unsignedUse(call, facts)
    verdict = await deps.gate.requireManifest(place, digest, call.actor, verdict, { unsigned })
  }
  const headers = { 'Docker-Content-Digest': digest, Etag: `"${digest}"` }
  const known = call.message.headers['if-none-match']
  if (known === digest || known === headers.Etag) return { status: 304, headers }
  const typed = { ...headers, 'Content-Type': manifest.mediaType, 'Content-Length': manifest.size }
  if (call.method === 'HEAD') return { status: 200, headers: typed }

  const body = await bytesOf(deps, digest)
  deps.pulls.note({
    at: new Date(),
    repositoryId,
    digest: digestToBytes(digest),
    tag: reference.kind === 'tag' ? reference.tag : undefined,
    actor: call.actor,
    warned: verdict !== undefined && verdict.reasons.length > 0,
  })
  return { status: 200, headers: typed, body }
}

/**
 * Whoever asked for push and holds it is told what is there: otherwise nobody could push the fix over a tag that points
 * at what is refused (gate.md G2).
 */
function looksBeforePush({ method, who }: Call, facts: RepositoryFacts, name: RepositoryName): boolean {
  return method === 'HEAD' && decide(who, facts, 'push', name) === 'allowed'
}

/** Whoever may push signs with any tool; an admission controller only looks, with a right of its own (gate.md G2, G11). */
function unsignedUse({ who }: Call, facts: RepositoryFacts): UnsignedUse | undefined {
  if (holds(who, facts, 'repository:push')) return 'sign'
  return holds(who, facts, 'repository:verify') ? 'verify' : undefined
}

async function bytesOf(deps: DistributionDeps, digest: Digest): Promise<Buffer> {
  const cached = deps.manifests.get(digest)
  if (cached) return cached
  const bytes = await manifestBytes(deps.pool, digest)
  if (!bytes) throw new Error(`manifest ${digest} has a name and no content`)
  deps.manifests.set(digest, bytes)
  return bytes
}

export function unknownManifest(name: RepositoryName, reference: ManifestReference): RegistryError {
  const artifact = reference.kind === 'tag' ? `${name}:${reference.tag}` : `${name}@${reference.digest}`
  return new RegistryError('MANIFEST_UNKNOWN', `artifact ${artifact} not found`, {
    detail: { name, reference: reference.kind === 'tag' ? reference.tag : reference.digest },
  })
}

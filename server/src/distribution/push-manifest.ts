import type { IncomingMessage } from 'node:http'
import {
  type Algorithm,
  algorithmOf,
  type Descriptor,
  digestOf,
  isImageConfigType,
  type Manifest,
  parseImageConfig,
  parseManifest,
  RegistryError,
  type RepositoryName,
  repositoryInProject,
} from '@breakwater/oci'
import {
  attributesOf,
  belongingsOf,
  blobsOf,
  largestAttributes,
  recordArtifact,
  unknownBlob,
} from '../artifacts/index.ts'
import { linkedSizes, writeReserved } from '../blobs/index.ts'
import type { ContentStore } from '../content/index.ts'
import { transaction } from '../metadata/index.ts'
import { ensureRepository } from '../projects/index.ts'
import { requestScan } from '../scanning/index.ts'
import { acceptPushed, findPromotions, promote, readPushed } from '../signatures/index.ts'
import { authorize, requireProject } from './authorize.ts'
import type { DistributionDeps, Operation } from './operation.ts'
import type { ManifestReference } from './path.ts'

/** end-7 · PUT /v2/<name>/manifests/<reference> */
export const pushManifest: Operation<{ name: RepositoryName; reference: ManifestReference }> = async (
  deps,
  call,
  { name, reference },
) => {
  const facts = await deps.lookups.blob.get({ name, digest: undefined, who: call.who })
  await authorize(deps, call, facts, 'push', name)
  const project = requireProject(facts, name)

  const bytes = await readBody(call.message, deps.limits.manifestBytes)
  const manifest = parseManifest(bytes, call.message.headers['content-type'])
  const algorithm: Algorithm = reference.kind === 'digest' ? algorithmOf(reference.digest) : 'sha256'
  const digest = digestOf(bytes, algorithm)
  if (reference.kind === 'digest' && reference.digest !== digest) {
    throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', {
      detail: { provided: reference.digest, computed: digest },
    })
  }
  const config = await checkContent(deps, facts.repositoryId, manifest)

  const attributes = attributesOf(manifest, config)
  const tag = reference.kind === 'tag' ? reference.tag : undefined
  const belongs = belongingsOf(manifest, tag).length > 0
  const evidence = belongs ? await readPushed(deps, project.id, digest, manifest) : undefined
  const promotions = await findPromotions(deps, call.who, { project, repositoryId: facts.repositoryId, digest })

  const reservation = await writeReserved(deps, digest, bytes) // bytes first …
  await transaction(deps.pool, async (tx) => {
    const repositoryId = await ensureRepository(tx, project.id, repositoryInProject(name))
    if (repositoryId === undefined) throw new RegistryError('NAME_UNKNOWN', `project of ${name} was deleted meanwhile`)
    const place = { projectId: project.id, repositoryId, repository: name }
    const artifact = { ...place, digest, bytes, reservation, manifest, attributes, tag }
    await recordArtifact(tx, artifact, call.actor) // … then the name, once
    if (evidence) await acceptPushed(tx, repositoryId, evidence)
    const carried = await promote(tx, place, digest, promotions, call.actor)
    // In the order of their keys, as the queue wants it.
    for (const one of [digest, ...carried].toSorted()) {
      await requestScan(tx, deps.jobs, { digest: one, lane: 'push', projectId: project.id })
    }
    await deps.vulndb.pushed(tx, call.actor, name, tag)
  })
  deps.manifests.set(digest, bytes)
  return {
    status: 201,
    headers: {
      Location: `/v2/${name}/manifests/${digest}`,
      'Docker-Content-Digest': digest,
      ...(manifest.subject ? { 'OCI-Subject': manifest.subject.digest } : {}),
    },
  }
}

/** The early check, with clear errors; recordArtifact checks links again under locks. Returns the config if it is read. */
async function checkContent(
  deps: DistributionDeps,
  repositoryId: number | undefined,
  manifest: Manifest,
): Promise<Buffer | undefined> {
  if (manifest.kind === 'index') return undefined
  const blobs = blobsOf(manifest)
  const sizes = repositoryId === undefined ? new Map() : await linkedSizes(deps.pool, repositoryId, blobs)
  const missing = blobs.find((digest) => !sizes.has(digest))
  if (missing) throw unknownBlob(missing)
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    const actual = sizes.get(digest)
    if (actual !== undefined && actual !== size) {
      throw new RegistryError(
        'MANIFEST_INVALID',
        `the manifest says that ${digest} has ${size} bytes; it has ${actual}`,
      )
    }
  }
  const { config } = manifest
  if (!isImageConfigType(config.mediaType)) {
    return config.size <= largestAttributes ? readConfig(deps.store, config) : undefined
  }
  const { manifestBytes } = deps.limits
  if (config.size > manifestBytes) {
    const message = `the image config has ${config.size} bytes; ${manifestBytes} are read at most`
    throw new RegistryError('MANIFEST_INVALID', message)
  }
  const bytes = await readConfig(deps.store, config)
  // A config that two parsers read differently would be judged as one image and run as another (gate.md G1).
  if (bytes.length > 0) parseImageConfig(bytes)
  return bytes
}

async function readConfig(store: ContentStore, { digest, size }: Descriptor): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (size > 0) await store.read(digest, 0, size - 1, async (chunk) => void chunks.push(Buffer.from(chunk)))
  return Buffer.concat(chunks)
}

async function readBody(message: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () =>
    new RegistryError('REQUEST_ENTITY_TOO_LARGE', `a manifest may have ${limit} bytes (limits.manifestBytes)`)
  if (Number(message.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  // The rest of a body that is too large is the HTTP layer's to read away: the answer goes out on this connection.
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

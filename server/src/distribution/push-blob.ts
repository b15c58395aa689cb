import type { IncomingMessage } from 'node:http'
import {
  type Digest,
  parseContentRange,
  parseDigest,
  RegistryError,
  type RepositoryName,
  repositoryInProject,
} from '@breakwater/oci'
import { type Chunk, uploadRange } from '../blobs/index.ts'
import type { Reply } from '../http/index.ts'
import { transaction } from '../metadata/index.ts'
import { ensureRepository } from '../projects/index.ts'
import { authorize, requireProject, requireRepository } from './authorize.ts'
import { mountBlob } from './mount-blob.ts'
import type { Call, DistributionDeps, Operation } from './operation.ts'

interface UploadTarget {
  readonly name: RepositoryName
  readonly id: string
}

/** end-4a, end-4b and end-11 · POST /v2/<name>/blobs/uploads/: begins an upload, takes a whole blob, or mounts one. */
export const startUpload: Operation<{ name: RepositoryName }> = async (deps, call, { name }) => {
  const facts = await deps.lookups.blob.get({ name, digest: undefined, who: call.who })
  await authorize(deps, call, facts, 'push', name)
  const project = requireProject(facts, name)
  const mount = call.query.get('mount')
  const whole = call.query.get('digest')
  const wanted = mount ?? whole
  const digest = wanted === null ? undefined : digestParameter(wanted)
  const repositoryId =
    facts.repositoryId ??
    (await transaction(deps.pool, (tx) => ensureRepository(tx, project.id, repositoryInProject(name))))
  if (repositoryId === undefined) throw new RegistryError('NAME_UNKNOWN', `project of ${name} was deleted meanwhile`)

  if (mount !== null && digest) {
    const mounted = await mountBlob(deps, call, { name, repositoryId, digest, from: call.query.get('from') })
    if (mounted) return created(name, digest)
  }
  const id = await deps.uploads.start(repositoryId, call.actor)
  if (whole !== null && digest && mount === null) {
    const target = { id, repositoryId, repository: name }
    try {
      await deps.uploads.finish(target, chunkOf(call.message), digest, call.actor)
    } catch (error) {
      // The client does not know of this upload and can't go on with it.
      await deps.uploads.cancel(target).catch(() => undefined)
      throw error
    }
    return created(name, digest)
  }
  return { status: 202, headers: progress(name, id, 0) }
}

/** end-5 · PATCH: adds a chunk. */
export const appendUpload: Operation<UploadTarget> = async (deps, call, { name, id }) => {
  const target = await uploadTarget(deps, call, name, id)
  const offset = await deps.uploads.append(target, chunkOf(call.message))
  return { status: 202, headers: progress(name, id, offset) }
}

/** end-6 · PUT: adds the last chunk, if the request has a body, and closes the upload under its digest. */
export const finishUpload: Operation<UploadTarget> = async (deps, call, { name, id }) => {
  const target = await uploadTarget(deps, call, name, id)
  const text = call.query.get('digest')
  if (text === null) throw new RegistryError('DIGEST_INVALID', 'the query parameter `digest` is missing')
  const digest = digestParameter(text)
  await deps.uploads.finish(target, hasBody(call.message) ? chunkOf(call.message) : undefined, digest, call.actor)
  return created(name, digest)
}

/** end-13 · GET: how far an upload has come. */
export const uploadStatus: Operation<UploadTarget> = async (deps, call, { name, id }) => {
  const offset = await deps.uploads.offset(await uploadTarget(deps, call, name, id))
  return { status: 204, headers: progress(name, id, offset) }
}

/** end-14 · DELETE: drops an upload. */
export const cancelUpload: Operation<UploadTarget> = async (deps, call, { name, id }) => {
  await deps.uploads.cancel(await uploadTarget(deps, call, name, id))
  return { status: 204 }
}

/** An upload is its pusher's business whatever the method, so reading and dropping one takes `push` too. */
async function uploadTarget(deps: DistributionDeps, call: Call, name: RepositoryName, id: string) {
  const facts = await deps.lookups.blob.get({ name, digest: undefined, who: call.who })
  await authorize(deps, call, facts, 'push', name)
  requireProject(facts, name)
  return { id, repositoryId: requireRepository(facts, name), repository: name }
}

function digestParameter(text: string): Digest {
  const digest = parseDigest(text)
  if (!digest)
    throw new RegistryError('DIGEST_INVALID', 'invalid digest: it takes sha256 or sha512 and lower-case hex', {
      detail: text,
    })
  return digest
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function chunkOf(message: IncomingMessage): Chunk {
  const { 'content-length': length, 'content-range': range } = message.headers
  const parsed = range === undefined ? undefined : parseContentRange(range)
  if (range !== undefined && !parsed) {
    throw new RegistryError('RANGE_INVALID', 'invalid Content-Range: it takes first and last byte, such as 0-1023', {
      detail: range,
    })
  }
  return { body: message, length: length === undefined ? undefined : Number(length), range: parsed }
}

function progress(name: RepositoryName, id: string, offset: number): Record<string, string> {
  return {
    Location: `/v2/${name}/blobs/uploads/${id}`,
    'Docker-Upload-UUID': id,
    Range: uploadRange(offset),
  }
}

function created(name: RepositoryName, digest: Digest): Reply {
  return {
    status: 201,
    headers: { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest },
  }
}

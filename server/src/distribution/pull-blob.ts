import type { ServerResponse } from 'node:http'
import { type Digest, parseByteRange, RegistryError, type RepositoryName } from '@breakwater/oci'
import { decide } from '../access/index.ts'
import { ClientGone } from '../blobs/index.ts'
import type { ContentStore } from '../content/index.ts'
import { authorize, requireProject, requireRepository } from './authorize.ts'
import type { Operation } from './operation.ts'

/** How long the address of a blob in the object store is good. Within it, a refusal does not reach who has the address. */
const redirectSeconds = 300

/** end-2 and end-10 · GET and HEAD /v2/<name>/blobs/<digest>, with ranges (RFC 9110, section 14). */
export const pullBlob: Operation<{ name: RepositoryName; digest: Digest }> = async (deps, call, { name, digest }) => {
  const facts = await deps.lookups.blob.get({ name, digest, who: call.who })
  // 404, never 403 (gate.md G3): clients that push ask here first, and read the sentence in the answer to their POST.
  if (call.method === 'HEAD' && decide(call.who, facts, 'pull', name) === 'denied') throw unknownBlob(digest)
  await authorize(deps, call, facts, 'pull', name)
  const project = requireProject(facts, name)
  const size = facts.blobSize
  // 404 for both: clients that push then bring it again.
  if (size === undefined) throw facts.blobDamaged ? damagedBlob(digest) : unknownBlob(digest)
  if (call.method === 'GET' && !facts.open) {
    const place = { projectId: project.id, repositoryId: requireRepository(facts, name), repository: name }
    await deps.gate.requireBlob(place, digest, call.actor)
  }

  const headers = {
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'max-age=31536000',
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    Etag: `"${digest}"`,
  }
  const known = call.message.headers['if-none-match']
  if (known === digest || known === headers.Etag) return { status: 304, headers }
  if (call.method === 'HEAD') return { status: 200, headers: { ...headers, 'Content-Length': size } }
  if (deps.redirect && size > 0) {
    const location = await deps.redirect(digest, redirectSeconds)
    // The address is for who asked, and for now: nobody on the way may keep it.
    const { 'Docker-Content-Digest': named } = headers
    return { status: 307, headers: { Location: location, 'Cache-Control': 'no-store', 'Docker-Content-Digest': named } }
  }

  const range = parseByteRange(call.message.headers.range, size)
  if (range.kind === 'unsatisfiable') {
    throw new RegistryError('RANGE_INVALID', `the blob has ${size} bytes`, {
      headers: { 'Content-Range': `bytes */${size}` },
    })
  }
  const [start, end] = range.kind === 'part' ? [range.start, range.end] : [0, size - 1]
  return {
    status: range.kind === 'part' ? 206 : 200,
    stream: (response) =>
      sendBlob(deps.store, response, digest, {
        start,
        end,
        status: range.kind === 'part' ? 206 : 200,
        headers: {
          ...headers,
          'Content-Length': end - start + 1,
          ...(range.kind === 'part' ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
        },
      }),
  }
}

interface BlobAnswer {
  readonly start: number
  readonly end: number
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
}

async function sendBlob(
  store: ContentStore,
  response: ServerResponse,
  digest: Digest,
  answer: BlobAnswer,
): Promise<void> {
  const head = () => response.writeHead(answer.status, { ...answer.headers })
  if (answer.end >= answer.start) {
    await store.read(digest, answer.start, answer.end, (chunk) => {
      // Not before the first bytes are there: until then, a fault of the store can still be answered as one.
      if (!response.headersSent) head()
      return write(response, chunk)
    })
  } else head()
  response.end()
}

/** Resolves when the chunk is on its way. A response that waits behind another on its connection gets no callback when that ends. */
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  const { socket } = response.req
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new ClientGone())
    if (socket.destroyed) return onClose()
    socket.once('close', onClose)
    response.write(chunk, (error) => {
      socket.off('close', onClose)
      if (error) reject(error)
      else resolve()
    })
  })
}

export function unknownBlob(digest: Digest): RegistryError {
  return new RegistryError('BLOB_UNKNOWN', 'blob unknown to registry', { detail: digest })
}

function damagedBlob(digest: Digest): RegistryError {
  const message = 'the bytes of this blob are damaged and are not served; push it again, or ask an administrator for it'
  return new RegistryError('BLOB_UNKNOWN', message, { detail: digest })
}

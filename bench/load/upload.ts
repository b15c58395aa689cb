import { createHash } from 'node:crypto'
import { type Reply, type Request, send } from '../lib/http-client.ts'
import { randomPieces } from '../lib/random-content.ts'
import type { UploadJob } from './job.ts'

async function* held(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces
}

/** Makes the content and its digest in memory; the returned function uploads it and gives the milliseconds. */
export function prepareUpload(job: UploadJob): () => Promise<number[]> {
  const pieces = [...randomPieces(job.seed, job.bytes)]
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  const digest = `sha256:${hash.digest('hex')}`

  let sent = 0
  const ask = async (status: number, request: Request): Promise<Reply> => {
    const target = job.targets[sent % job.targets.length]
    if (!target) throw new Error('an upload job needs at least one target')
    sent += 1
    const reply = await send(target, { ...request, headers: { ...job.headers, ...request.headers } })
    if (reply.status !== status) throw new Error(`${request.method} ${request.path}: ${reply.status} ${reply.body}`)
    return reply
  }
  return async () => {
    const begun = performance.now()
    const started = await ask(202, { method: 'POST', path: `/v2/${job.repository}/blobs/uploads/` })
    const patched = await ask(202, {
      method: 'PATCH',
      path: started.headers.location ?? '',
      headers: { 'content-type': 'application/octet-stream' },
      body: held(pieces),
      length: job.bytes,
    })
    const location = patched.headers.location ?? ''
    const path = `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`
    await ask(201, { method: 'PUT', path })
    return [performance.now() - begun]
  }
}

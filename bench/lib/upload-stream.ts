import { createHash } from 'node:crypto'
import { ask, beginUpload, closing, locationOf } from './registry-client.ts'
import type { System } from './system.ts'

async function* fromGenerator(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces
}

/**
 * Uploads `size` bytes by POST, one PATCH and PUT, hashing while they pass, so that nothing of them is kept.
 * Returns the digest.
 */
export async function uploadStream(
  system: System,
  repository: string,
  content: Iterable<Buffer>,
  size: number,
): Promise<string> {
  const hash = createHash('sha256')
  function* hashed(): Generator<Buffer> {
    for (const piece of content) {
      hash.update(piece)
      yield piece
    }
  }
  const patched = await ask(system, repository, 202, {
    method: 'PATCH',
    path: await beginUpload(system, repository),
    headers: { 'content-type': 'application/octet-stream' },
    body: fromGenerator(hashed()),
    length: size,
  })
  const digest = `sha256:${hash.digest('hex')}`
  await ask(system, repository, 201, { method: 'PUT', path: closing(locationOf(patched), digest) })
  return digest
}

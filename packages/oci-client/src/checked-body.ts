import { createHash } from 'node:crypto'
import { algorithmOf, type Descriptor, hexOf } from '@breakwater/oci'

/** Passes bytes on while they can still be the described ones; the end comes only when they were. */
export async function* checkedBody(
  body: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  untrue: () => Error,
): AsyncGenerator<Uint8Array> {
  const hash = createHash(algorithmOf(digest))
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > size) throw untrue()
    hash.update(piece)
    yield piece
  }
  if (length !== size || hash.digest('hex') !== hexOf(digest)) throw untrue()
}

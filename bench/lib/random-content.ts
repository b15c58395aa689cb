import { createCipheriv, createHash } from 'node:crypto'

const pieceBytes = 1 << 20
const zeros = Buffer.alloc(pieceBytes)

/**
 * `size` bytes that cannot be compressed and that the same `seed` gives again: the key stream of AES in counter mode,
 * cheaper than reading them from a disk. Pieces of at most 1 MiB.
 */
export function* randomPieces(seed: string, size: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest()
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16))
  for (let left = size; left > 0; left -= pieceBytes) yield cipher.update(zeros.subarray(0, Math.min(left, pieceBytes)))
}

/** The same bytes at once; for contents that fit memory. */
export function randomBytesOf(seed: string, size: number): Buffer {
  return Buffer.concat([...randomPieces(seed, size)])
}

/** `sha256:…` of some bytes. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

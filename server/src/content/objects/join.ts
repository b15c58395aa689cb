import { randomUUID } from 'node:crypto'
import type { UploadMemory } from '../batches.ts'
import { ContentMissing } from '../store.ts'
import type { Bucket, Extent, Join } from './bucket.ts'
import { eachOf } from './each.ts'
import { lengthOf, type Piece, planJoin } from './plan-join.ts'
import { readRange } from './read-range.ts'
import { persist } from './retry.ts'

const copiesAtOnce = 8
/** Pieces of up to 13 MiB that are held to be sent again, for one object. */
const mergesAtOnce = 2

/** Milliseconds: some stores copy every byte of the new object before they answer. */
const completeWithin = 600_000

interface JoinDeps {
  readonly bucket: Bucket
  readonly memory: UploadMemory
  /** The key of an object that is only needed on the way; told apart by `name`. */
  readonly between: (name: string) => string
  /** For the error, where bytes are missing. */
  readonly what: string
}

/** Makes the object `key` of the extents: it appears whole, or not at all. */
export async function joinExtents(deps: JoinDeps, key: string, extents: readonly Extent[]): Promise<void> {
  const { bucket, what } = deps
  const pieces = planJoin(extents, bucket.limits)
  const [first] = pieces
  const [source] = first?.extents ?? []
  if (!first || !source) await persist(bucket, what, () => bucket.put(key, Buffer.alloc(0), false))
  else if (pieces.length > 1) await assemble(deps, key, await group(deps, pieces))
  else if (first.copied && source.whole) await persist(bucket, what, () => bucket.copy(source.key, key))
  else await loaded(deps, first, (bytes) => persist(bucket, what, () => bucket.put(key, bytes, false)))
}

/** As many pieces as one object may have; groups of them become objects between where there are more. */
async function group(deps: JoinDeps, pieces: readonly Piece[]): Promise<readonly Piece[]> {
  const { most, group: width } = deps.bucket.limits
  if (pieces.length <= most) return pieces
  const groups = Array.from({ length: Math.ceil(pieces.length / width) }, (_, i) =>
    pieces.slice(i * width, (i + 1) * width),
  )
  const made = await eachOf(groups, 2, async (members): Promise<Piece> => {
    const [only] = members
    if (members.length === 1 && only?.copied) return only
    const key = deps.between(randomUUID())
    const length = members.reduce((sum, piece) => sum + piece.length, 0)
    await assemble(deps, key, members)
    return { extents: [{ key, start: 0, length, whole: true }], length, copied: true }
  })
  return group(deps, made)
}

async function assemble(deps: JoinDeps, key: string, pieces: readonly Piece[]): Promise<void> {
  const { bucket, what } = deps
  const join = await persist(bucket, what, () => bucket.join(key))
  const give = async ({ piece, index }: { piece: Piece; index: number }) => {
    const [extent] = piece.extents
    if (piece.copied && extent) await persist(bucket, what, () => join.copy(index, extent))
    else await loaded(deps, piece, (bytes) => add(deps, join, index, bytes))
  }
  const numbered = pieces.map((piece, index) => ({ piece, index }))
  try {
    await eachOf(
      numbered.filter(({ piece }) => piece.copied),
      copiesAtOnce,
      give,
    )
    await eachOf(
      numbered.filter(({ piece }) => !piece.copied),
      mergesAtOnce,
      give,
    )
    await persist(bucket, what, () => join.complete(), completeWithin)
  } catch (error) {
    // A first attempt at the end may have succeeded although its answer was lost: then there is nothing left to join.
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
    if (error instanceof ContentMissing && (await persist(bucket, what, () => bucket.size(key))) === size) return
    await join.abandon().catch(() => undefined)
    throw error
  }
}

async function add({ bucket, between, what }: JoinDeps, join: Join, index: number, bytes: Buffer): Promise<void> {
  const { add: addBytes } = join
  if (addBytes) return await persist(bucket, what, () => addBytes(index, bytes))
  const key = between(randomUUID())
  await persist(bucket, what, () => bucket.put(key, bytes, false))
  await persist(bucket, what, () => join.copy(index, { key, start: 0, length: bytes.length, whole: true }))
}

/** Reads the bytes of a piece and hands them to `send`; the memory counts until they are sent. */
async function loaded(
  { bucket, memory, what }: JoinDeps,
  { extents }: Piece,
  send: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const length = lengthOf(extents)
  memory.add(length)
  try {
    const bytes = Buffer.allocUnsafe(length)
    let filled = 0
    for (const extent of extents) {
      if (extent.length === 0) continue
      const range = { start: extent.start, end: extent.start + extent.length - 1, what }
      await readRange(bucket, extent.key, range, async (chunk) => {
        filled += chunk.copy(bytes, filled)
      })
    }
    await send(bytes)
  } finally {
    memory.add(-length)
  }
}

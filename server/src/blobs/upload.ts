import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type Algorithm, algorithmOf, type Digest, digestFromHex, RegistryError } from '@breakwater/oci'
import { LRUCache } from 'lru-cache'
import { ContentMissing, type ContentStore, type Hasher, type Hashing, type Part } from '../content/index.ts'
import type { Actor } from '../ledger/index.ts'
import { type Pool, transaction } from '../metadata/index.ts'
import {
  claimUpload,
  deleteUpload,
  findUpload,
  insertUpload,
  type LinkedBlob,
  linkUploaded,
  lockExpired,
  saveParts,
  type UploadRow,
} from './queries.ts'
import { beingDeleted, reserveBlob } from './reserve.ts'

/** An upload as the client names it: only the repository that it was started in may go on with it. */
export interface UploadTarget {
  readonly id: string
  readonly repositoryId: number
  /** The repository's full name, for the ledger. */
  readonly repository: string
}

export interface Chunk {
  readonly body: Readable
  /** Content-Length, where the client sent one. */
  readonly length: number | undefined
  /** Content-Range, where the client sent one. */
  readonly range: { readonly start: number; readonly end: number } | undefined
}

export interface Uploads {
  start(repositoryId: number, actor: Actor): Promise<string>
  /** Bytes received so far. */
  offset(target: UploadTarget): Promise<number>
  /** Adds a chunk and returns the bytes received so far. */
  append(target: UploadTarget, chunk: Chunk): Promise<number>
  /** Adds the last chunk, if there is one, verifies the digest, and links the blob in the repository. */
  finish(target: UploadTarget, chunk: Chunk | undefined, digest: Digest, actor: Actor): Promise<LinkedBlob>
  cancel(target: UploadTarget): Promise<void>
  /** Drops uploads that nobody has touched for their lifetime; returns how many. */
  expire(): Promise<number>
}

export interface UploadDeps {
  readonly pool: Pool
  /** For where uploads stand: rows that a client can do again. */
  readonly relaxed: Pool
  readonly store: ContentStore
  readonly hasher: Hasher
  /** Milliseconds that an untouched upload lives, and bytes that a blob may have. */
  readonly limits: { readonly uploadExpiry: number; readonly blobBytes: number }
}

/** How often a long chunk reports how far it has come, so that a crash loses no more than this. */
const checkpointBytes = 64 << 20

/** The hash of an upload between two of its requests. Lost with the process, or when there are too many: then the parts are read again. */
interface Running {
  readonly hashing: Hashing
  readonly size: number
  /** The name of the last part that it covers: two requests' parts may have the same size. */
  readonly lastPart: string | undefined
}

export function createUploads({ pool, relaxed, store, hasher, limits }: UploadDeps): Uploads {
  const running = new LRUCache<string, Running>({
    max: 4096,
    ttl: 600_000,
    dispose: ({ hashing }, _id, reason) => {
      if (reason !== 'delete') hashing.discard()
    },
  })

  /** Takes the running hash if it covers exactly the parts that are stored; a fresh upload starts one. */
  function takeHashing(id: string, parts: readonly Part[], algorithm: Algorithm, expected: number | undefined) {
    const known = running.get(id)
    running.delete(id)
    const covers = known?.size === total(parts) && known.lastPart === parts.at(-1)?.name
    if (known && covers && algorithm === 'sha256') return known.hashing
    known?.hashing.discard()
    return total(parts) === 0 ? hasher.start(algorithm, expected) : undefined
  }

  interface Received {
    readonly parts: readonly Part[]
    readonly size: number
    /** Undefined where the bytes must be read again to be hashed. */
    readonly hashing: Hashing | undefined
  }

  /** Takes over the upload, stores the chunk as a new part, and says so in the database. */
  async function receive(target: UploadTarget, chunk: Chunk | undefined, algorithm: Algorithm): Promise<Received> {
    // A chunk that does not fit is refused before it takes the upload from a request that is going well.
    if (chunk?.range) checkChunk(chunk, await requireUpload(target), limits.blobBytes)
    const writer = randomUUID()
    const row = await claimUpload(relaxed, target, writer, limits.uploadExpiry)
    if (!row) throw unknownUpload(target.id)
    const before = total(row.parts)
    checkChunk(chunk, row, limits.blobBytes)
    const hashing = takeHashing(target.id, row.parts, algorithm, chunk ? chunk.length : 0)
    if (!chunk) return { parts: row.parts, size: before, hashing }
    try {
      const part = await writeChunk(target, writer, row.parts, chunk, hashing)
      return { parts: [...row.parts, part], size: before + part.size, hashing }
    } catch (error) {
      hashing?.discard()
      throw unknownWhereMissing(error, target.id)
    }
  }

  /** Writes the chunk as part `writer`. What a client that went away had sent is kept, so that it can go on from there. */
  async function writeChunk(
    target: UploadTarget,
    writer: string,
    earlier: readonly Part[],
    chunk: Chunk,
    hashing: Hashing | undefined,
  ): Promise<Part> {
    const before = total(earlier)
    let saved: Part | undefined
    let savedAt = Date.now()
    const save = async (part: Part) => {
      if (!(await saveParts(relaxed, target.id, writer, [...earlier, part], limits.uploadExpiry))) {
        throw new RegistryError('RANGE_INVALID', 'another request went on with this upload; ask where it is')
      }
      saved = part
      savedAt = Date.now()
    }
    try {
      const written = await store.writePart(target.id, writer, chunk.body, {
        hashing,
        progress: async (size) => {
          checkSize(before + size, limits.blobBytes)
          const due = size - (saved?.size ?? 0) >= checkpointBytes || Date.now() - savedAt > limits.uploadExpiry / 4
          if (due) await save({ name: writer, size, open: true })
        },
      })
      const part = { name: writer, size: written.size }
      if (written.complete) checkLength(chunk, written.size)
      await save(part)
      if (!written.complete) throw new ClientGone()
      return part
    } catch (error) {
      if (!saved) await store.discardPart(target.id, writer)
      // The upload was cancelled meanwhile, and the part may have made its folder anew.
      if (!(await findUpload(relaxed, target))) await store.discard(target.id)
      throw error
    }
  }

  async function requireUpload(target: UploadTarget): Promise<UploadRow> {
    const row = await findUpload(relaxed, target)
    if (row) return row
    throw unknownUpload(target.id)
  }

  /** Bytes first: a crash between the two leaves a row, which expires, rather than bytes that nobody knows of. */
  async function drop(id: string): Promise<void> {
    await store.discard(id)
    await deleteUpload(relaxed, id)
  }

  async function hashOf(id: string, received: Received, algorithm: Algorithm): Promise<Digest> {
    if (received.hashing) return digestFromHex(algorithm, await received.hashing.digest())
    const hashing = hasher.start(algorithm, received.size)
    try {
      await store.readParts(id, received.parts, (bytes) => hashing.update([Buffer.from(bytes)]))
      return digestFromHex(algorithm, await hashing.digest())
    } catch (error) {
      hashing.discard()
      throw unknownWhereMissing(error, id)
    }
  }

  return {
    async start(repositoryId, actor) {
      const id = randomUUID()
      await insertUpload(relaxed, { id, repositoryId, actor: actor.name, expiry: limits.uploadExpiry })
      return id
    },

    async offset(target) {
      return total((await requireUpload(target)).parts)
    },

    async append(target, chunk) {
      const { hashing, parts, size } = await receive(target, chunk, 'sha256')
      if (hashing) running.set(target.id, { hashing, size, lastPart: parts.at(-1)?.name })
      return size
    },

    async finish(target, chunk, digest, actor) {
      const algorithm = algorithmOf(digest)
      const received = await receive(target, chunk, algorithm)
      const actual = await hashOf(target.id, received, algorithm)
      if (actual !== digest) {
        await drop(target.id)
        throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', {
          detail: { provided: digest, computed: actual, size: received.size },
        })
      }
      const blob = { digest, size: received.size }
      const reservation = await reserveBlob(relaxed, digest, blob.size)
      try {
        await store.commit(target.id, received.parts, digest)
      } catch (error) {
        throw unknownWhereMissing(error, target.id)
      }
      const change = { action: 'blob.push', object: `${target.repository}@${digest}`, detail: { size: blob.size } }
      if (!(await linkUploaded(pool, target, { digest, reservation }, actor, change))) throw beingDeleted(digest)
      return blob
    },

    async cancel(target) {
      await requireUpload(target)
      running.get(target.id)?.hashing.discard()
      running.delete(target.id)
      await drop(target.id)
    },

    async expire() {
      return transaction(pool, async (tx) => {
        const expired = await lockExpired(tx, 100)
        for (const id of expired) {
          await store.discard(id)
          await deleteUpload(tx, id)
        }
        return expired.length
      })
    },
  }
}

/** The client closed the connection in the middle of a body: there is nobody to answer. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection before the body had ended')
    this.name = 'ClientGone'
  }
}

function total(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0)
}

/** Parts of an upload; more come from a client that sends its blob in crumbs. */
const mostParts = 10_000

function checkChunk(chunk: Chunk | undefined, { parts }: UploadRow, limit: number): void {
  if (!chunk) return
  const offset = total(parts)
  const { range, length } = chunk
  if (range && range.start !== offset) {
    throw new RegistryError('RANGE_INVALID', `the upload stands at ${offset}; the chunk begins at ${range.start}`, {
      headers: { Range: uploadRange(offset) },
    })
  }
  if (parts.length >= mostParts) {
    throw new RegistryError('BLOB_UPLOAD_INVALID', `an upload may have ${mostParts} chunks; send larger ones`)
  }
  if (length !== undefined) checkLength(chunk, length)
  checkSize(offset + (length ?? 0), limit)
}

function checkLength({ range }: Chunk, length: number): void {
  const named = range && range.end - range.start + 1
  if (named === undefined || named === length) return
  throw new RegistryError('SIZE_INVALID', `Content-Range names ${named} bytes; the chunk has ${length}`)
}

function checkSize(size: number, limit: number): void {
  if (size > limit) {
    throw new RegistryError('REQUEST_ENTITY_TOO_LARGE', `a blob may have ${limit} bytes (limits.blobBytes)`)
  }
}

/** The Range header of an upload: inclusive, and `0-0` for none, as every registry says it. */
export function uploadRange(offset: number): string {
  return `0-${Math.max(0, offset - 1)}`
}

function unknownUpload(id: string): RegistryError {
  return new RegistryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', { detail: id })
}

/** The row is there and the bytes are not: lost in a crash, or taken by a request that finished just before. */
function unknownWhereMissing(error: unknown, id: string): unknown {
  return error instanceof ContentMissing ? unknownUpload(id) : error
}

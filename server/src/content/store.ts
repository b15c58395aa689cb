import type { Readable } from 'node:stream'
import type { Digest } from '@breakwater/oci'
import type { Hashing } from './hashing.ts'

/** Bytes of one upload, kept apart until the whole is known. A part is written once, by one request. */
export interface Part {
  readonly name: string
  /** Bytes that count. After a crash the store may hold more: they are ignored. */
  readonly size: number
  /** Its writer has not said that it is done, and may still be adding to it. */
  readonly open?: true
}

/** Takes a chunk; the chunk may be reused as soon as the promise resolves. */
export type Sink = (chunk: Buffer) => Promise<void>

/** Finished content, by digest. */
export interface BlobReads {
  /** The size in bytes, or undefined where there is no such blob. */
  size(digest: Digest): Promise<number | undefined>
  /** Sends bytes `start` to `end` inclusive, in order. Fails with ContentMissing where there is no such blob. */
  read(digest: Digest, start: number, end: number, sink: Sink): Promise<void>
}

/** What goes on beside the writing of a part. */
export interface PartOptions {
  /** Hashes the same bytes; undefined where they will be read again for that. */
  readonly hashing: Hashing | undefined
  /** Told how many bytes the store has taken (not yet synced); may end the part by failing. */
  progress(size: number): Promise<void> | void
}

/** Content on its way in. */
export interface BlobStaging {
  /**
   * Streams `body` into a new part. Resolves with its size when the body has ended or was cut off (`complete` tells
   * which); fails when the store does. What `progress` was told of stays readable either way, also by other processes.
   */
  writePart(upload: string, part: string, body: Readable, options: PartOptions): Promise<WrittenPart>
  readParts(upload: string, parts: readonly Part[], sink: Sink): Promise<void>
  /**
   * Joins the parts under a digest that the caller has verified. Durable once it resolves (invariant I1). Of two callers
   * at least one succeeds; another that comes too late fails with ContentMissing.
   */
  commit(upload: string, parts: readonly Part[], digest: Digest): Promise<void>
  /** Drops a part that was never recorded, and the upload's folder if nothing else is in it. */
  discardPart(upload: string, part: string): Promise<void>
  discard(upload: string): Promise<void>
}

export interface WrittenPart {
  readonly size: number
  readonly complete: boolean
}

/** Small content whose bytes are at hand: manifests. Durable once it resolves. */
export interface BlobWrites {
  write(digest: Digest, bytes: Uint8Array): Promise<void>
  /** Takes effect within a minute of the call or never: who brings the same bytes later must not lose them. */
  remove(digest: Digest): Promise<void>
}

/** The room that is left for content. */
export interface BlobSpace {
  /**
   * Bytes of where blobs are kept; undefined where the store knows no bound. Fails where it can't be reached, or nothing
   * can be added to it.
   */
  space(): Promise<Space | undefined>
}

export interface Space {
  readonly total: number
  readonly free: number
}

/** What object stores can do beside: let a client fetch a blob from them. */
export interface PresignedReads {
  /** An address that gives the blob to everyone who knows it, for `seconds`. Not checked: the blob may be missing. */
  readonly presign: (digest: Digest, seconds: number) => Promise<string>
}

/** Everything that is there, whether the database knows it or not. */
export interface BlobListing {
  /** Every finished blob once, in no order; one that comes or goes meanwhile may be among them. */
  list(): AsyncIterable<ListedBlob>
}

export interface ListedBlob {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
}

/** Small things with a name of their own, of at most 8 MiB. Names are `a-z0-9._-` between slashes. */
export interface StoredRecords {
  /** Whole or not at all, durable once it resolves; takes the place of one of that name. */
  putRecord(name: string, bytes: Uint8Array): Promise<void>
  getRecord(name: string): Promise<Buffer | undefined>
  /** The names that begin with `prefix`, in order. */
  listRecords(prefix: string): Promise<string[]>
  /** Removing what is not there is no error. */
  removeRecord(name: string): Promise<void>
}

export type ContentStore = BlobReads &
  BlobStaging &
  BlobWrites &
  BlobSpace &
  BlobListing &
  StoredRecords &
  Partial<PresignedReads>

export class ContentMissing extends Error {
  constructor(what: string) {
    super(`${what} is not in the store`)
    this.name = 'ContentMissing'
  }
}

/** The store gave other bytes than the digest says. */
export class ContentDamaged extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ContentDamaged'
  }
}

/** The store can't take or give bytes now: full, read-only or away. */
export class StoreUnavailable extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'StoreUnavailable'
  }
}

import type { Fault } from './fault.ts'

/** A range of an object's bytes. */
export interface Extent {
  readonly key: string
  readonly start: number
  /** In bytes. */
  readonly length: number
  /** The range is all of the object. */
  readonly whole: boolean
}

export interface ListedObject {
  readonly key: string
  readonly size: number
}

/** How a store makes one object of several without their bytes going through this process. */
export interface JoinLimits {
  /** What can be copied into a new object; of `none`, all bytes are read and sent again. */
  readonly copies: 'ranges' | 'whole' | 'none'
  /** Bytes that every piece but the last has to have; smaller ones are merged before. */
  readonly smallest: number
  /** Pieces of one object. Where there are more, groups of `group` become objects of their own first. */
  readonly most: number
  readonly group: number
}

/** A new object in the making. It appears at `complete`, whole; pieces may be given in any order, at once. */
export interface Join {
  copy(index: number, extent: Extent): Promise<void>
  /** Undefined where only objects can be joined. */
  readonly add: ((index: number, bytes: Buffer) => Promise<void>) | undefined
  complete(): Promise<void>
  /** Gives up what has been given. */
  abandon(): Promise<void>
}

/** What a store sends: chunks that hold until the next is asked for, and how many bytes it says they are. */
export interface Answer {
  readonly body: AsyncIterable<Buffer> & { destroy(error?: Error): void }
  readonly length: number
}

/** One bucket or container of an object store, each call one attempt: who calls reads the fault and tries again. */
export interface Bucket {
  /** For people: what it is and where. */
  readonly name: string
  readonly limits: JoinLimits
  /** Fails where the bucket is not there, or may not be used. */
  check(): Promise<void>
  size(key: string): Promise<number | undefined>
  /** The bytes `start` to `end` inclusive. */
  get(key: string, start: number, end: number): Promise<Answer>
  /** Writes an object whole; with `once`, only where there is none. */
  put(key: string, bytes: Uint8Array, once: boolean): Promise<void>
  copy(from: string, to: string): Promise<void>
  /** How many keys one call of `remove` takes. */
  readonly removesAtOnce: number
  /** Removing what is not there is no error. */
  remove(keys: readonly string[]): Promise<void>
  /** A page of the keys that begin with `prefix`; `next` is where the following page begins. */
  list(prefix: string, from: string | undefined): Promise<ListPage>
  join(key: string): Promise<Join>
  /** An address that gives the object to everyone who knows it, for that many seconds. */
  presign(key: string, seconds: number): Promise<string>
  /** With whom to trust, where large ranges are read from such addresses; undefined where only `get` reads. */
  readonly direct: { readonly ca: string[] | undefined } | undefined
  faultOf(error: unknown): Fault
}

export interface ListPage {
  readonly objects: readonly ListedObject[]
  readonly next: string | undefined
}

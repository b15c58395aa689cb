import { VulndbError } from '../error.ts'
import { limits } from '../limits.ts'
import type { RandomAccess } from '../random-access.ts'
import { type BoltMeta, readMeta } from './meta.ts'
import {
  checkLayout,
  childAt,
  damaged,
  headerBytes,
  keyAt,
  type Page,
  pageNumber,
  readPage,
  searchPage,
  valueAt,
} from './page.ts'

/** A key of a bucket, with its value or the bucket beneath; `bucket` is undefined for values. */
export interface BoltEntry {
  readonly key: Buffer
  readonly value: Buffer
  readonly bucket: BoltBucket | undefined
}

/**
 * A BoltDB file, read only, from pages as they are asked for. Nothing the file says is believed: a page is looked at
 * once in a walk, so that cycles end and no small file stands for a large one. Throws VulndbError.
 */
export class BoltFile {
  private readonly access: RandomAccess
  private readonly meta: BoltMeta

  constructor(access: RandomAccess) {
    this.access = access
    this.meta = readMeta(access)
  }

  root(): BoltBucket {
    return new BoltBucket(this, this.meta.root)
  }

  page(id: number): Page {
    const { pageSize, pages } = this.meta
    if (id < 2 || id >= pages) damaged(`page ${id} is outside the file`)
    let bytes = this.read(id * pageSize, pageSize)
    if (pageNumber(bytes.readBigUInt64LE(0)) !== id) damaged(`page ${id} says that it is another`)
    const overflow = bytes.readUInt32LE(12)
    if (overflow > 0) {
      if (id + overflow >= pages) damaged(`page ${id} runs on beyond the file`)
      const length = (overflow + 1) * pageSize
      if (length > limits.pageBytes) throw new VulndbError('too-large', `page ${id} has ${length} bytes`)
      bytes = this.read(id * pageSize, length)
    }
    return readPage(bytes, `page ${id}`)
  }

  /** Marks for the pages of one walk, a bit for each. */
  visits(): Visits {
    return new Visits(this.meta.pages)
  }

  private read(position: number, length: number): Buffer {
    try {
      return this.access.read(position, length)
    } catch (cause) {
      throw new VulndbError('damaged', 'the file can no longer be read to its end', { cause })
    }
  }
}

/** Which pages a walk has seen. */
export class Visits {
  private readonly bits: Uint8Array

  constructor(pages: number) {
    this.bits = new Uint8Array(Math.ceil(pages / 8))
  }

  enter(id: number): void {
    const index = id >>> 3
    const seen = this.bits[index] ?? 0
    const bit = 1 << (id & 7)
    if ((seen & bit) !== 0) damaged(`page ${id} is reached twice`)
    this.bits[index] = seen | bit
  }
}

/** A bucket: keys in byte order, each with a value or a bucket beneath. */
export class BoltBucket {
  private readonly file: BoltFile
  /** Page number of the root, or the page itself where it is inside the parent's value. */
  private readonly rootPage: number | Page

  constructor(file: BoltFile, root: number | Page) {
    this.file = file
    this.rootPage = root
  }

  /** One key's entry, by binary search. */
  get(key: Buffer): BoltEntry | undefined {
    let page = this.load(this.rootPage)
    for (let depth = 0; !page.leaf; depth += 1) {
      if (depth >= limits.treeDepth) damaged('a bucket is deeper than any sound one')
      if (page.count === 0) damaged('a branch without children')
      page = this.file.page(childAt(page, Math.max(0, searchPage(page, key))))
    }
    const index = searchPage(page, key)
    if (index < 0 || !keyAt(page, index).equals(key)) return undefined
    return this.entry(page, index)
  }

  /** The bucket under a key; undefined where there is none, or a value. */
  bucket(key: Buffer): BoltBucket | undefined {
    return this.get(key)?.bucket
  }

  /** Every entry in the order of keys. Walks of several buckets that belong together share `visits`. */
  *entries(visits: Visits = this.file.visits()): Generator<BoltEntry> {
    let last: Buffer | undefined
    for (const page of this.leaves(this.rootPage, visits, 0)) {
      for (let index = 0; index < page.count; index += 1) {
        const entry = this.entry(page, index)
        if (last !== undefined && last.compare(entry.key) >= 0) damaged('keys are out of order')
        last = entry.key
        yield entry
      }
    }
  }

  private *leaves(root: number | Page, visits: Visits, depth: number): Generator<Page> {
    if (depth > limits.treeDepth) damaged('a bucket is deeper than any sound one')
    if (typeof root === 'number') visits.enter(root)
    const page = this.load(root)
    checkLayout(page)
    if (page.leaf) yield page
    else for (let index = 0; index < page.count; index += 1) yield* this.leaves(childAt(page, index), visits, depth + 1)
  }

  private load(root: number | Page): Page {
    return typeof root === 'number' ? this.file.page(root) : root
  }

  private entry(page: Page, index: number): BoltEntry {
    const key = keyAt(page, index)
    const { value, isBucket } = valueAt(page, index)
    return { key, value, bucket: isBucket ? this.nested(value) : undefined }
  }

  private nested(value: Buffer): BoltBucket {
    if (value.length < 16) damaged('the head of a bucket is cut off')
    const root = pageNumber(value.readBigUInt64LE(0))
    if (root !== 0) return new BoltBucket(this.file, root)
    if (value.length < 16 + headerBytes) damaged('a bucket inside its parent is cut off')
    const page = readPage(value.subarray(16), 'a bucket inside its parent')
    if (!page.leaf) damaged('a bucket inside its parent has branches')
    return new BoltBucket(this.file, page)
  }
}

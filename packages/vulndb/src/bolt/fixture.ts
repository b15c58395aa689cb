/** A bucket: its keys, each with a value or a bucket beneath. */
export interface BoltTree {
  readonly [key: string]: BoltTree | string
}

interface Element {
  readonly key: Buffer
  readonly value: Buffer
  readonly isBucket: boolean
}

const pageHeader = 16
const elementHeader = 16
const branchFlag = 1
const leafFlag = 2
const freelistFlag = 16

/**
 * Writes a BoltDB file of version 2, for tests. Small buckets lie inside their parent's value and long values run over
 * several pages, as bbolt writes them too.
 */
export function boltFile(tree: BoltTree, pageSize = 4096): Buffer {
  const writer = new BoltWriter(pageSize)
  const root = writer.bucket(tree)
  return writer.finish(root)
}

class BoltWriter {
  private readonly pages: Buffer[] = []
  private readonly pageSize: number
  private next = 3

  constructor(pageSize: number) {
    this.pageSize = pageSize
  }

  /** Page number of the bucket's root. */
  bucket(tree: BoltTree): number {
    return this.level(leafFlag, this.elements(tree))
  }

  finish(root: number): Buffer {
    const freelist = Buffer.alloc(this.pageSize)
    writeHeader(freelist, 2, freelistFlag, 0, 0)
    return Buffer.concat([this.meta(0, root, 1n), this.meta(1, root, 0n), freelist, ...this.pages])
  }

  private elements(tree: BoltTree): Element[] {
    const entries = Object.entries(tree).map(([key, child]): Element => {
      if (typeof child === 'string') return { key: Buffer.from(key), value: Buffer.from(child), isBucket: false }
      return { key: Buffer.from(key), value: this.bucketValue(child), isBucket: true }
    })
    return entries.sort((a, b) => Buffer.compare(a.key, b.key))
  }

  /** What stands under a bucket's name: its root and sequence, and if root is 0, the bucket itself. */
  private bucketValue(tree: BoltTree): Buffer {
    const head = Buffer.alloc(16)
    const elements = this.elements(tree)
    const inline = pageOf(0, leafFlag, elements, 0)
    if (elements.every((element) => !element.isBucket) && inline.length <= this.pageSize / 4) {
      return Buffer.concat([head, inline])
    }
    head.writeBigUInt64LE(BigInt(this.level(leafFlag, elements)))
    return head
  }

  /** Writes elements over as many pages as they need, then the branch pages above them; answers the topmost page. */
  private level(flag: number, elements: readonly Element[]): number {
    const written = chunks(elements, this.pageSize).map((chunk): Element => {
      const page = this.append(flag, chunk)
      const child = Buffer.alloc(8)
      child.writeBigUInt64LE(BigInt(page))
      return { key: chunk[0]?.key ?? Buffer.alloc(0), value: child, isBucket: false }
    })
    const only = written[0]
    if (written.length === 1 && only !== undefined) return Number(only.value.readBigUInt64LE())
    return this.level(branchFlag, written)
  }

  private append(flag: number, elements: readonly Element[]): number {
    const id = this.next
    const length = pageOf(id, flag, elements, 0).length
    const count = Math.max(1, Math.ceil(length / this.pageSize))
    const bytes = Buffer.alloc(count * this.pageSize)
    pageOf(id, flag, elements, count - 1).copy(bytes)
    this.pages.push(bytes)
    this.next += count
    return id
  }

  private meta(id: number, root: number, transaction: bigint): Buffer {
    const page = Buffer.alloc(this.pageSize)
    writeHeader(page, id, 4, 0, 0)
    page.writeUInt32LE(0xed0cdaed, 16)
    page.writeUInt32LE(2, 20)
    page.writeUInt32LE(this.pageSize, 24)
    page.writeBigUInt64LE(BigInt(root), 32)
    page.writeBigUInt64LE(2n, 48)
    page.writeBigUInt64LE(BigInt(this.next), 56)
    page.writeBigUInt64LE(transaction, 64)
    page.writeBigUInt64LE(checksum(page.subarray(16, 72)), 72)
    return page
  }
}

/** Elements page by page, each at least one however long. */
function chunks(elements: readonly Element[], pageSize: number): Element[][] {
  const result: Element[][] = [[]]
  let size = pageHeader
  for (const element of elements) {
    const length = elementHeader + element.key.length + element.value.length
    const last = result[result.length - 1] ?? []
    if (last.length > 0 && size + length > pageSize) {
      result.push([element])
      size = pageHeader + length
    } else {
      last.push(element)
      size += length
    }
  }
  return result
}

function pageOf(id: number, flag: number, elements: readonly Element[], overflow: number): Buffer {
  const heads = Buffer.alloc(pageHeader + elements.length * elementHeader)
  writeHeader(heads, id, flag, elements.length, overflow)
  const bodies: Buffer[] = []
  let end = heads.length
  elements.forEach(({ key, value, isBucket }, index) => {
    const at = pageHeader + index * elementHeader
    if (flag === branchFlag) {
      heads.writeUInt32LE(end - at, at)
      heads.writeUInt32LE(key.length, at + 4)
      value.copy(heads, at + 8)
      bodies.push(key)
      end += key.length
    } else {
      heads.writeUInt32LE(isBucket ? 1 : 0, at)
      heads.writeUInt32LE(end - at, at + 4)
      heads.writeUInt32LE(key.length, at + 8)
      heads.writeUInt32LE(value.length, at + 12)
      bodies.push(key, value)
      end += key.length + value.length
    }
  })
  return Buffer.concat([heads, ...bodies])
}

function writeHeader(page: Buffer, id: number, flag: number, count: number, overflow: number): void {
  page.writeBigUInt64LE(BigInt(id))
  page.writeUInt16LE(flag, 8)
  page.writeUInt16LE(count, 10)
  page.writeUInt32LE(overflow, 12)
}

/** FNV-1a, 64 bits. */
function checksum(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash
}

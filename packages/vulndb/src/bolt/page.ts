import { VulndbError } from '../error.ts'
import { limits } from '../limits.ts'

export const headerBytes = 16
const elementBytes = 16
const branchFlag = 1
const leafFlag = 2

/** A page in memory, with all that it runs on into. */
export interface Page {
  readonly bytes: Buffer
  readonly leaf: boolean
  readonly count: number
}

/** Reads the header of a branch or leaf page. `place` names it in errors. Throws VulndbError `damaged`. */
export function readPage(bytes: Buffer, place: string): Page {
  const flags = bytes.readUInt16LE(8)
  const count = bytes.readUInt16LE(10)
  if (flags !== branchFlag && flags !== leafFlag) damaged(`${place} is neither branch nor leaf`)
  if (headerBytes + count * elementBytes > bytes.length) damaged(`${place} is too short for its elements`)
  return { bytes, leaf: flags === leafFlag, count }
}

/** Key `index` of a page. */
export function keyAt(page: Page, index: number): Buffer {
  const at = headerBytes + index * elementBytes
  const field = page.leaf ? at + 4 : at
  const start = at + page.bytes.readUInt32LE(field)
  const end = start + page.bytes.readUInt32LE(field + 4)
  if (start < headerBytes + page.count * elementBytes || end > page.bytes.length) damaged('a key lies outside its page')
  if (end - start > limits.keyBytes) throw new VulndbError('too-large', `a key of ${end - start} bytes`)
  return page.bytes.subarray(start, end)
}

/** What element `index` of a leaf holds, and whether that is a bucket. */
export function valueAt(page: Page, index: number): { readonly value: Buffer; readonly isBucket: boolean } {
  const at = headerBytes + index * elementBytes
  const start = at + page.bytes.readUInt32LE(at + 4) + page.bytes.readUInt32LE(at + 8)
  const end = start + page.bytes.readUInt32LE(at + 12)
  if (end > page.bytes.length) damaged('a value lies outside its page')
  return { value: page.bytes.subarray(start, end), isBucket: (page.bytes.readUInt32LE(at) & 1) === 1 }
}

/** Page that element `index` of a branch leads to. */
export function childAt(page: Page, index: number): number {
  return pageNumber(page.bytes.readBigUInt64LE(headerBytes + index * elementBytes + 8))
}

/**
 * Bytes lie in a page in the order of its elements, none twice: else a small page could stand for any amount of data.
 * Throws VulndbError `damaged`.
 */
export function checkLayout(page: Page): void {
  let free = headerBytes + page.count * elementBytes
  for (let index = 0; index < page.count; index += 1) {
    const key = keyAt(page, index)
    const start = key.byteOffset - page.bytes.byteOffset
    if (start < free) damaged('elements of a page overlap')
    free = start + key.length + (page.leaf ? valueAt(page, index).value.length : 0)
  }
}

/** Index of the last key that is not above `key`, or -1. Keys of a page are in byte order. */
export function searchPage(page: Page, key: Buffer): number {
  let low = 0
  let high = page.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyAt(page, middle).compare(key) <= 0) low = middle + 1
    else high = middle
  }
  return low - 1
}

export function pageNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) damaged('a page number beyond any file')
  return Number(value)
}

export function damaged(what: string): never {
  throw new VulndbError('damaged', what)
}

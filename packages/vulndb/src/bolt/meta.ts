import { VulndbError } from '../error.ts'
import type { RandomAccess } from '../random-access.ts'

/** What a BoltDB file says of itself. */
export interface BoltMeta {
  /** In bytes. */
  readonly pageSize: number
  /** Page of the root bucket. */
  readonly root: number
  /** Pages in use: every page number is below it. */
  readonly pages: number
}

interface Candidate extends BoltMeta {
  readonly transaction: bigint
}

const headerBytes = 16
const metaBytes = 64
const magic = 0xed0cdaed
const version = 2

/** Takes the valid one of the two meta pages with the later transaction. Throws VulndbError. */
export function readMeta(file: RandomAccess): BoltMeta {
  const first = readCandidate(file, 0)
  const second = first === undefined ? searchSecond(file) : readCandidate(file, first.pageSize, first.pageSize)
  const best =
    first !== undefined && second !== undefined
      ? second.transaction > first.transaction
        ? second
        : first
      : (first ?? second)
  if (best === undefined) throw new VulndbError('not-bolt', 'no page that BoltDB version 2 begins with is intact')
  if (best.pages * best.pageSize > file.size) throw new VulndbError('damaged', 'the file is shorter than it says')
  return best
}

/** Where the first is broken, the second lies at an unknown page size. */
function searchSecond(file: RandomAccess): Candidate | undefined {
  for (let pageSize = 512; pageSize <= 65_536; pageSize *= 2) {
    const found = readCandidate(file, pageSize, pageSize)
    if (found !== undefined) return found
  }
  return undefined
}

function readCandidate(file: RandomAccess, position: number, expected?: number): Candidate | undefined {
  if (position + headerBytes + metaBytes > file.size) return undefined
  const meta = file.read(position + headerBytes, metaBytes)
  if (meta.readUInt32LE(0) !== magic || meta.readUInt32LE(4) !== version) return undefined
  if (checksum(meta.subarray(0, 56)) !== meta.readBigUInt64LE(56)) return undefined
  const pageSize = meta.readUInt32LE(8)
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined
  if (expected !== undefined && pageSize !== expected) return undefined
  const root = Number(meta.readBigUInt64LE(16))
  const pages = Number(meta.readBigUInt64LE(40))
  if (!Number.isSafeInteger(pages * pageSize) || root >= pages) return undefined
  return { pageSize, root, pages, transaction: meta.readBigUInt64LE(48) }
}

/** FNV-1a, 64 bits. */
function checksum(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}

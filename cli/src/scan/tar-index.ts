import type { FileHandle } from 'node:fs/promises'

/** Where the content of a regular file lies in an archive, in bytes. */
export interface TarEntry {
  readonly offset: number
  readonly size: number
}

const block = 512
const damaged = 'it is no tar archive, or a damaged one'
const maxEntries = 100_000
/** Longest extended header; it holds names, not content. */
const maxExtendedBytes = 1024 * 1024

/** What an archive's headers announce for the entry after them. */
interface Announced {
  readonly path?: string
  readonly size?: number
}

/**
 * The regular files of an uncompressed tar archive by path, without reading their content (POSIX ustar and pax, GNU long
 * names). Links to files of the archive, as old `docker save` made them, count as the file. Throws where the archive is
 * damaged or ends early.
 */
export async function indexTar(file: FileHandle): Promise<ReadonlyMap<string, TarEntry>> {
  const { size: end } = await file.stat()
  const entries = new Map<string, TarEntry>()
  const links = new Map<string, string>()
  let announced: Announced = {}
  let position = 0
  for (let count = 0; ; count++) {
    if (count > maxEntries) throw new Error(`the archive has more than ${maxEntries} entries`)
    const header = await readBlock(file, position, end)
    if (header === undefined) break
    const size = announced.size ?? readNumber(header, 124, 12)
    const offset = position + block
    if (offset + size > end) throw new Error('the archive ends in the middle of a file')
    position = offset + Math.ceil(size / block) * block
    const type = String.fromCharCode(header[156] ?? 0)
    if (type === 'x' || type === 'L') {
      announced = { ...announced, ...(await readExtended(file, offset, size, type)) }
      continue
    }
    if (type === 'g') continue
    const path = normal(announced.path ?? headerPath(header))
    announced = {}
    if (type === '0' || type === '\0') entries.set(path, { offset, size })
    if (type === '1') links.set(path, normal(readText(header, 157, 100)))
    if (type === '2') links.set(path, resolveLink(path, readText(header, 157, 100)))
  }
  for (const [path, target] of links) {
    const entry = entries.get(target)
    if (entry && !entries.has(path)) entries.set(path, entry)
  }
  return entries
}

async function readBlock(file: FileHandle, position: number, end: number): Promise<Buffer | undefined> {
  if (position + block > end) return undefined
  const header = await readExactly(file, position, block)
  if (header.every((byte) => byte === 0)) return undefined
  let sum = 8 * 0x20
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte
  if (sum !== readNumber(header, 148, 8)) throw new Error(damaged)
  return header
}

export async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) throw new Error('the archive ends in the middle of a file')
    filled += bytesRead
  }
  return buffer
}

async function readExtended(file: FileHandle, offset: number, size: number, type: 'x' | 'L'): Promise<Announced> {
  if (size > maxExtendedBytes) throw new Error('the archive has an extended header of more than 1 MiB')
  const content = await readExactly(file, offset, size)
  if (type === 'L') return { path: readText(content, 0, size) }
  const records = paxRecords(content)
  const length = records.get('size')
  const path = records.get('path')
  return {
    ...(path !== undefined && { path }),
    ...(length !== undefined && { size: whole(Number(length)) }),
  }
}

/** Records of the form `LENGTH KEY=VALUE\n` (POSIX.1-2001, pax). */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const length = Number(content.toString('latin1', at, space))
    if (space < 0 || !(length > space - at) || at + length > content.length) break
    const record = content.toString('utf8', space + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}

function headerPath(header: Buffer): string {
  const name = readText(header, 0, 100)
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? readText(header, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function readText(buffer: Buffer, start: number, length: number): string {
  const end = buffer.indexOf(0, start)
  return buffer.toString('utf8', start, end === -1 || end > start + length ? start + length : end)
}

/** Octal digits, or base 256 where the first bit is set (GNU, for large files). */
function readNumber(header: Buffer, start: number, length: number): number {
  const first = header[start] ?? 0
  if (first & 0x80) {
    let value = first & 0x7f
    for (const byte of header.subarray(start + 1, start + length)) value = value * 256 + byte
    return whole(value)
  }
  return whole(Number.parseInt(header.toString('latin1', start, start + length).replaceAll(/[\0 ]/g, '') || '0', 8))
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(damaged)
  return value
}

function resolveLink(path: string, target: string): string {
  return normal(target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/') + 1)}${target}`)
}

/** Without `.`, `..` and slashes at either end. */
function normal(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

import { LayerError } from './layer-error.ts'
import type { LayerLimits } from './limits.ts'

export interface TarEntry {
  /** As in the archive, cleaned: no leading `/` or `./`, no empty or `.` parts. Undefined where it leaves the root. */
  readonly path: string | undefined
  readonly type: 'file' | 'folder' | 'other'
  readonly mode: number
  readonly size: number
}

/** What becomes of an entry's content: each piece in order, then the end. */
export interface Sink {
  write(chunk: Buffer): void
  end(): void
}

const block = 512
/** Of a long name or an extended header: names are at most a few thousand bytes. */
const largestHeader = 1 << 20

/**
 * Reads a tar archive (ustar, with the extensions of pax and GNU) from chunks of any size. Contents pass through
 * without being copied; `open` says who wants those of a regular file.
 */
export class TarReader {
  readonly #limits: LayerLimits
  readonly #open: (entry: TarEntry) => Sink | undefined
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes of content still to come, and those that fill its last block. */
  #content = 0
  #padding = 0
  #sink: Sink | undefined
  #header: { kind: 'pax' | 'global' | 'name' | 'link'; parts: Buffer[] } | undefined
  #next: { path?: string; size?: number } = {}
  #zeros = 0
  #entries = 0
  #ended = false

  constructor(limits: LayerLimits, open: (entry: TarEntry) => Sink | undefined) {
    this.#limits = limits
    this.#open = open
  }

  /** Why what came is no whole archive; undefined where it is one. */
  get entries(): number {
    return this.#entries
  }

  push(chunk: Buffer): void {
    let at = 0
    if (this.#rest.length > 0) {
      const missing = block - this.#rest.length
      if (chunk.length < missing) {
        this.#rest = Buffer.concat([this.#rest, chunk])
        return
      }
      const whole = Buffer.concat([this.#rest, chunk.subarray(0, missing)])
      this.#rest = Buffer.alloc(0)
      this.#readHeader(whole)
      at = missing
    }
    while (at < chunk.length) {
      if (this.#content > 0 || this.#padding > 0) {
        at = this.#pass(chunk, at)
        continue
      }
      if (this.#ended) return
      if (chunk.length - at < block) {
        this.#rest = Buffer.from(chunk.subarray(at))
        return
      }
      this.#readHeader(chunk.subarray(at, at + block))
      at += block
    }
  }

  /** Throws where the archive is cut off. */
  end(): void {
    if (this.#content > 0 || this.#padding > 0) throw new LayerError('corrupt', 'the archive ends within a file')
    if (this.#rest.length > 0) throw new LayerError('corrupt', 'the archive ends within a header')
  }

  #pass(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#content, chunk.length - at)
    if (taken > 0) {
      const piece = chunk.subarray(at, at + taken)
      if (this.#header) this.#header.parts.push(Buffer.from(piece))
      else this.#sink?.write(piece)
      this.#content -= taken
      if (this.#content === 0) this.#finish()
      return at + taken
    }
    const skipped = Math.min(this.#padding, chunk.length - at)
    this.#padding -= skipped
    return at + skipped
  }

  #finish(): void {
    const header = this.#header
    this.#header = undefined
    if (header) {
      const text = Buffer.concat(header.parts)
      if (header.kind === 'name') this.#next.path = untilNul(text)
      if (header.kind === 'pax') Object.assign(this.#next, paxOf(text))
      return
    }
    this.#sink?.end()
    this.#sink = undefined
  }

  #readHeader(header: Buffer): void {
    if (header.every((byte) => byte === 0)) {
      this.#zeros += 1
      // Two blocks of zeros end an archive; engines stop at the first.
      this.#ended = true
      return
    }
    if (!checksumFits(header)) {
      const fault = this.#entries === 0 ? 'not-a-tar' : 'corrupt'
      throw new LayerError(fault, this.#entries === 0 ? 'it is no tar archive' : 'the checksum of a header is wrong')
    }
    this.#entries += 1
    const type = String.fromCharCode(header[156] ?? 0)
    const size = this.#next.size ?? numberAt(header, 124, 12)
    if (!Number.isSafeInteger(size) || size < 0) throw new LayerError('corrupt', 'the size of a file is no number')
    const kind = headerKinds[type]
    if (kind) {
      const own = numberAt(header, 124, 12)
      if (own > largestHeader) throw new LayerError('corrupt', `an extended header has ${own} bytes`)
      this.#begin(own)
      this.#header = { kind, parts: [] }
      if (own === 0) this.#finish()
      return
    }
    const raw = this.#next.path ?? nameOf(header)
    this.#next = {}
    const hasContent = !withoutContent.has(type)
    const entry: TarEntry = {
      path: cleanPath(raw),
      type: type === '5' || raw.endsWith('/') ? 'folder' : regular.has(type) ? 'file' : 'other',
      mode: numberAt(header, 100, 8),
      size: hasContent ? size : 0,
    }
    const tooLong = Buffer.byteLength(raw) > this.#limits.pathBytes
    this.#sink = this.#open(tooLong ? { ...entry, path: undefined } : entry)
    this.#begin(entry.size)
    if (entry.size === 0) this.#finish()
  }

  #begin(size: number): void {
    this.#content = size
    this.#padding = (block - (size % block)) % block
  }
}

const headerKinds: Readonly<Record<string, 'pax' | 'global' | 'name' | 'link'>> = {
  x: 'pax',
  g: 'global',
  L: 'name',
  K: 'link',
}
const regular = new Set(['\0', '0', '7'])
/** Links, devices, folders and pipes: a size in their header counts for nothing. */
const withoutContent = new Set(['1', '2', '3', '4', '5', '6'])

function checksumFits(header: Buffer): boolean {
  const stored = numberAt(header, 148, 8)
  let unsigned = 8 * 0x20
  let signed = 8 * 0x20
  for (let at = 0; at < block; at += 1) {
    if (at >= 148 && at < 156) continue
    const byte = header[at] ?? 0
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return stored === unsigned || stored === signed
}

/** Octal digits, or GNU's binary form where the first bit is set. */
function numberAt(header: Buffer, at: number, length: number): number {
  const first = header[at] ?? 0
  if (first & 0x80) {
    let value = first & 0x7f
    for (let i = at + 1; i < at + length; i += 1) value = value * 256 + (header[i] ?? 0)
    return value
  }
  const text = untilNul(header.subarray(at, at + length)).trim()
  if (text === '') return 0
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
}

function nameOf(header: Buffer): string {
  const name = untilNul(header.subarray(0, 100))
  const ustar = header.subarray(257, 263).toString('latin1') === 'ustar\0'
  const prefix = ustar ? untilNul(header.subarray(345, 500)) : ''
  return prefix ? `${prefix}/${name}` : name
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return (end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

/** Records of an extended header: `LENGTH KEY=VALUE\n`. */
function paxOf(text: Buffer): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {}
  let at = 0
  while (at < text.length) {
    const space = text.indexOf(0x20, at)
    const length = space < 0 ? Number.NaN : Number(text.subarray(at, space).toString('latin1'))
    if (!Number.isSafeInteger(length) || length <= space - at || at + length > text.length) {
      throw new LayerError('corrupt', 'an extended header is malformed')
    }
    const record = text.subarray(space + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    const key = record.subarray(0, Math.max(equals, 0)).toString('utf8')
    const value = record.subarray(equals + 1).toString('utf8')
    if (key === 'path' || key === 'GNU.sparse.name') found.path = value
    if (key === 'size') {
      const size = Number(value)
      if (!/^\d+$/.test(value) || !Number.isSafeInteger(size)) throw new LayerError('corrupt', 'a size is no number')
      found.size = size
    }
    at += length
  }
  return found
}

function cleanPath(raw: string): string | undefined {
  const parts: string[] = []
  for (const part of raw.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else parts.push(part)
  }
  return parts.join('/')
}

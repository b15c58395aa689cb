import { describeContent } from './content-kind.ts'
import { LayerError } from './layer-error.ts'
import { cleanPath, pathText } from './path-text.ts'
import { type PaxRecords, readPaxRecords } from './pax-records.ts'
import { blockBytes, readTarHeader, type TarHeader, untilNul } from './tar-header.ts'

export interface TarEntry {
  /** Cleaned, as text; see path-text.ts. */
  readonly path: string
  /** `other`: folders, links, devices and what else has no content of its own. */
  readonly type: 'file' | 'other'
  readonly mode: number
  readonly size: number
}

/** What becomes of an entry's content: each piece in order, then the end. Pieces are only lent. */
export interface Sink {
  write(chunk: Buffer): void
  end(): void
}

export interface TarTarget {
  /** Bytes of the longest name. */
  readonly pathBytes: number
  /** Says who wants the content of an entry. */
  open(entry: TarEntry): Sink | undefined
  /** An entry that can't be looked at, and why. */
  leaveOut(reason: string): void
}

/** Of a long name or an extended header: as much as Go's reader takes. */
const largestHeader = 1 << 20

const regular = new Set(['\0', '0', '7'])
/** Links, devices, folders and pipes: a size in their header counts for nothing. */
const withoutContent = new Set(['1', '2', '3', '4', '5', '6'])
/** Headers that speak of others: extended ones of pax for one file or for all, long names and long links of GNU. */
const extended = new Set(['x', 'g', 'L', 'K'])

/**
 * Reads a tar archive from chunks of any size, as engines do; contents pass through without being copied. Where readers
 * of archives differ about what a header means, it is refused: an archive that unpacks to one thing here and to another
 * there hides something.
 */
export class TarReader {
  readonly #target: TarTarget
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes of content still to come, and those that fill its last block. */
  #content = 0
  #padding = 0
  #sink: Sink | undefined
  #header: { type: string; parts: Buffer[] } | undefined
  /** Of the entry that comes next. */
  #name: Buffer | undefined
  #pax: PaxRecords | undefined
  #entries = 0
  /** Blocks of zeros: two end an archive. */
  #zeros = 0

  constructor(target: TarTarget) {
    this.#target = target
  }

  /** Headers so far. */
  get entries(): number {
    return this.#entries
  }

  push(chunk: Buffer): void {
    let at = 0
    if (this.#rest.length > 0) {
      at = Math.min(blockBytes - this.#rest.length, chunk.length)
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, at)])
      if (this.#rest.length < blockBytes) return
      const block = this.#rest
      this.#rest = Buffer.alloc(0)
      this.#readBlock(block)
    }
    while (at < chunk.length && this.#zeros < 2) {
      if (this.#content > 0 || this.#padding > 0) {
        at = this.#pass(chunk, at)
      } else if (chunk.length - at < blockBytes) {
        this.#rest = Buffer.from(chunk.subarray(at))
        return
      } else {
        this.#readBlock(chunk.subarray(at, at + blockBytes))
        at += blockBytes
      }
    }
  }

  /** Throws where the archive is cut off. */
  end(): void {
    if (this.#rest.length > 0 && this.#entries === 0) throw notATar(this.#rest)
    if (this.#content > 0 || this.#padding > 0) throw new LayerError('corrupt', 'the archive ends within a file')
    if (this.#rest.length > 0) throw new LayerError('corrupt', 'the archive ends within a header')
  }

  #pass(chunk: Buffer, at: number): number {
    if (this.#content === 0) {
      const skipped = Math.min(this.#padding, chunk.length - at)
      this.#padding -= skipped
      return at + skipped
    }
    const piece = chunk.subarray(at, at + this.#content)
    if (this.#header) this.#header.parts.push(Buffer.from(piece))
    else this.#sink?.write(piece)
    this.#content -= piece.length
    if (this.#content === 0) this.#finish()
    return at + piece.length
  }

  #readBlock(block: Buffer): void {
    if (block.every((byte) => byte === 0)) {
      this.#zeros += 1
      return
    }
    const header = this.#zeros === 0 ? readTarHeader(block) : undefined
    if (!header && this.#entries === 0) throw notATar(block)
    if (!header) throw new LayerError('corrupt', 'something that is no header stands between files')
    this.#entries += 1
    if (extended.has(header.type)) this.#readExtended(header)
    else this.#readEntry(header)
  }

  #readExtended({ type, size }: TarHeader): void {
    if (size > largestHeader) throw new LayerError('corrupt', `an extended header has ${size} bytes`)
    const repeated = (type === 'x' && this.#pax) || (type === 'L' && this.#name)
    if (repeated || (type === 'g' && (this.#pax || this.#name))) {
      throw new LayerError('corrupt', 'extended headers contradict each other')
    }
    this.#header = { type, parts: [] }
    this.#begin(size)
  }

  #readEntry(header: TarHeader): void {
    const pax = this.#pax
    const name = this.#name
    this.#pax = undefined
    this.#name = undefined
    if (header.type === 'S') throw new LayerError('corrupt', 'it has a sparse file as GNU tar once wrote them')
    if (name?.length && pax?.path) throw new LayerError('corrupt', 'extended headers contradict each other')
    const raw = name?.length ? name : (pax?.path ?? header.name)
    // Before there was a flag for folders, a slash told them; nowadays it counts for nothing.
    const folder = header.type === '\0' && raw.at(-1) === 0x2f
    const size = folder || withoutContent.has(header.type) ? 0 : (pax?.size ?? header.size)
    const path = this.#pathOf(raw, pax?.sparse ?? false)
    const type = regular.has(header.type) && !folder ? 'file' : 'other'
    if (path !== undefined) this.#sink = this.#target.open({ path, type, mode: header.mode, size })
    this.#begin(size)
  }

  #pathOf(raw: Buffer, sparse: boolean): string | undefined {
    const { pathBytes } = this.#target
    const path = raw.length > pathBytes ? undefined : cleanPath(pathText(raw))
    if (sparse) this.#target.leaveOut('a sparse file was left out')
    else if (raw.length > pathBytes) this.#target.leaveOut(`a file whose name has ${raw.length} bytes was left out`)
    else if (path === undefined) this.#target.leaveOut('a file whose name leads out of the image was left out')
    return sparse ? undefined : path
  }

  #begin(size: number): void {
    this.#content = size
    this.#padding = (blockBytes - (size % blockBytes)) % blockBytes
    if (size === 0) this.#finish()
  }

  #finish(): void {
    const header = this.#header
    const sink = this.#sink
    this.#header = undefined
    this.#sink = undefined
    if (header?.type === 'L') this.#name = untilNul(Buffer.concat(header.parts))
    else if (header?.type === 'x') this.#pax = readPaxRecords(Buffer.concat(header.parts))
    else sink?.end()
  }
}

function notATar(head: Buffer): LayerError {
  return new LayerError('not-a-tar', `it is no tar archive, but ${describeContent(head)}`)
}

import { LayerError } from './layer-error.ts'

export const blockBytes = 512

/** A header block by its own words, before extended headers are laid over it. */
export interface TarHeader {
  readonly name: Buffer
  /** The type flag. */
  readonly type: string
  readonly mode: number
  readonly size: number
}

/**
 * Reads a header block (POSIX ustar, star, GNU, and v7 before them) as Go's archive/tar does, which unpacks the layers
 * for every common engine: what it takes for a name or a size is what will be on the disk. Undefined where the checksum
 * is wrong.
 */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (!checksumFits(block)) return undefined
  const size = numberAt(block, 124, 136)
  const mode = numberAt(block, 100, 108)
  if (!Number.isSafeInteger(size) || size < 0) throw new LayerError('corrupt', 'the size of a file is no number')
  if (!Number.isSafeInteger(mode)) throw new LayerError('corrupt', 'the mode of a file is no number')
  const name = textAt(block, 0, 100)
  const prefix = prefixOf(block)
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name,
    type: String.fromCharCode(block[156] ?? 0),
    mode,
    size,
  }
}

function checksumFits(block: Buffer): boolean {
  const stored = octalAt(block, 148, 156)
  let unsigned = 8 * 0x20
  let negative = 0
  for (let at = 0; at < blockBytes; at += 1) {
    if (at === 148) at = 156
    const byte = block[at] ?? 0
    unsigned += byte
    if (byte > 127) negative += 256
  }
  return stored === unsigned || stored === unsigned - negative
}

/** GNU's headers have no prefix, but Go's writer once gave them one, over what should be times. */
function prefixOf(block: Buffer): Buffer {
  const magic = block.toString('latin1', 257, 265)
  if (magic.startsWith('ustar\0')) {
    const star = block.toString('latin1', 508, 512) === 'tar\0'
    return textAt(block, 345, star ? 476 : 500)
  }
  const times = [345, 357] as const
  if (magic !== 'ustar  \0' || !times.some((at) => block[at] !== 0 && Number.isNaN(numberAt(block, at, at + 12)))) {
    return Buffer.alloc(0)
  }
  const prefix = textAt(block, 345, 500)
  return prefix.every((byte) => byte < 0x80) ? prefix : Buffer.alloc(0)
}

/** Octal digits, or, where the first bit is set, a binary number in two's complement. NaN where it is neither. */
function numberAt(block: Buffer, start: number, end: number): number {
  if (((block[start] ?? 0) & 0x80) === 0) return octalAt(block, start, end)
  const bits = BigInt(8 * (end - start) - 1)
  const value = BigInt.asIntN(Number(bits), BigInt(`0x${block.toString('hex', start, end)}`))
  return BigInt.asIntN(64, value) === value ? Number(value) : Number.NaN
}

/** Spaces and NULs may stand on both sides. */
function octalAt(block: Buffer, start: number, end: number): number {
  const isPadding = (at: number) => block[at] === 0 || block[at] === 0x20
  let from = start
  let to = end
  while (from < to && isPadding(from)) from += 1
  while (to > from && isPadding(to - 1)) to -= 1
  if (from === to) return 0
  const digits = textAt(block, from, to).toString('latin1')
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

function textAt(block: Buffer, start: number, end: number): Buffer {
  return untilNul(block.subarray(start, end))
}

export function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

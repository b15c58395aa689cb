import { LayerError } from './layer-error.ts'

/** What an extended header says of the file that follows. */
export interface PaxRecords {
  readonly path?: Buffer
  readonly size?: number
  /** It has holes: what is in the archive is not what is unpacked. */
  readonly sparse: boolean
}

/** Reads the records of an extended header (pax): `LENGTH KEY=VALUE\n`. The last of two with one key counts. */
export function readPaxRecords(bytes: Buffer): PaxRecords {
  let path: Buffer | undefined
  let size: string | undefined
  let sparse = false
  for (let at = 0; at < bytes.length; ) {
    const { key, value, end } = recordAt(bytes, at)
    if (key === 'path') path = value
    if (key === 'size') size = value.toString('latin1')
    if (key.startsWith('GNU.sparse.')) sparse = true
    at = end
  }
  return {
    // An empty value means what the header itself says.
    ...(path?.length ? { path } : {}),
    ...(size ? { size: sizeOf(size) } : {}),
    sparse,
  }
}

function recordAt(bytes: Buffer, at: number): { key: string; value: Buffer; end: number } {
  const space = bytes.indexOf(0x20, at)
  const digits = space < 0 ? '' : bytes.toString('latin1', at, Math.min(space, at + 10))
  const end = at + Number(digits)
  const equals = bytes.indexOf(0x3d, space + 1)
  const whole = /^\d+$/.test(digits) && end <= bytes.length && bytes[end - 1] === 0x0a
  if (!whole || equals < 0 || equals >= end - 1) throw new LayerError('corrupt', 'an extended header is malformed')
  const key = bytes.toString('latin1', space + 1, equals)
  const value = bytes.subarray(equals + 1, end - 1)
  if (key.includes('\0') || (key === 'path' && value.includes(0))) {
    throw new LayerError('corrupt', 'an extended header has a NUL')
  }
  return { key, value, end }
}

function sizeOf(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(size)) throw new LayerError('corrupt', 'the size of a file is no number')
  return size
}

/** RFC 9052 section 4.2: COSE_Sign1, with its tag: [protected, unprotected, payload, signature]. */
const signTag = 0xd2
const arrayOfFour = 0x84
const maxDepth = 16

const major = { bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const

/** Whether the bytes are one COSE_Sign1 object and nothing else. */
export function isCoseSign1(bytes: Buffer): boolean {
  if (bytes[0] !== signTag || bytes[1] !== arrayOfFour) return false
  const kinds: number[] = []
  let at = 2
  for (let part = 0; part < 4; part += 1) {
    kinds.push((bytes[at] ?? 0xff) >> 5)
    const end = skipItem(bytes, at, 0)
    if (end === undefined) return false
    at = end
  }
  const [first, second, third, fourth] = kinds
  const signs = first === major.bytes && second === major.map && third === major.bytes && fourth === major.bytes
  return signs && at === bytes.length
}

/** Where the CBOR item (RFC 8949 section 3) that begins at `at` ends; undefined where it is broken or of indefinite length. */
function skipItem(bytes: Buffer, at: number, depth: number): number | undefined {
  const head = bytes[at]
  if (head === undefined || depth > maxDepth) return undefined
  const kind = head >> 5
  const argument = readArgument(bytes, at + 1, head & 0x1f)
  if (!argument) return undefined
  const { value, end } = argument
  switch (kind) {
    case major.bytes:
    case major.text:
      return value <= bytes.length - end ? end + value : undefined
    case major.array:
      return skipItems(bytes, end, value, depth)
    case major.map:
      return skipItems(bytes, end, 2 * value, depth)
    case major.tag:
      return skipItem(bytes, end, depth + 1)
    default:
      return end // a number, or a simple value
  }
}

function skipItems(bytes: Buffer, start: number, count: number, depth: number): number | undefined {
  let at: number | undefined = start
  // Each item has a byte at least, so that the length bounds the count.
  if (count > bytes.length) return undefined
  for (let item = 0; item < count && at !== undefined; item += 1) at = skipItem(bytes, at, depth + 1)
  return at
}

function readArgument(bytes: Buffer, at: number, short: number): { value: number; end: number } | undefined {
  if (short < 24) return { value: short, end: at }
  const size = [1, 2, 4, 8][short - 24]
  if (size === undefined || at + size > bytes.length) return undefined
  const value = size === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, size)
  return { value, end: at + size }
}

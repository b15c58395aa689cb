/**
 * Whether bytes are an ECDSA signature in DER: one sequence of two positive integers, lengths and integers in their
 * shortest form, nothing after it (RFC 3279 section 2.2.3; X.690 sections 8.3.2 and 10.1). `fieldBytes` bounds each integer.
 */
export function isEcdsaDer(bytes: Uint8Array, fieldBytes: number): boolean {
  const sequence = readValue(bytes, 0, 0x30)
  if (!sequence || sequence.end !== bytes.length) return false
  const r = readValue(bytes, sequence.start, 0x02)
  const s = r && readValue(bytes, r.end, 0x02)
  if (!r || !s || s.end !== bytes.length) return false
  return [r, s].every(({ start, end }) => isPositiveInteger(bytes.subarray(start, end), fieldBytes))
}

interface Span {
  readonly start: number
  readonly end: number
}

/** The content of the value with this tag at a place. A signature with P-521 has up to 139 bytes, so a long length is one byte. */
function readValue(bytes: Uint8Array, at: number, tag: number): Span | undefined {
  const first = bytes[at + 1]
  if (bytes[at] !== tag || first === undefined) return undefined
  if (first < 0x80) return spanOf(bytes, at + 2, first)
  const long = bytes[at + 2]
  return first === 0x81 && long !== undefined && long >= 0x80 ? spanOf(bytes, at + 3, long) : undefined
}

function spanOf(bytes: Uint8Array, start: number, length: number): Span | undefined {
  return start + length <= bytes.length ? { start, end: start + length } : undefined
}

function isPositiveInteger(content: Uint8Array, fieldBytes: number): boolean {
  const [first, second = 0] = content
  if (first === undefined || first >= 0x80) return false
  if (first !== 0) return content.length <= fieldBytes
  // A zero in front is there only to keep the number positive; zero itself is no part of a signature.
  return second >= 0x80 && content.length - 1 <= fieldBytes
}

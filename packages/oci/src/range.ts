/** What a GET with a Range header is answered with: 200, 206 or 416. Both ends are offsets in bytes, `end` included. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' }

const whole: ByteRange = { kind: 'whole' }
const unsatisfiable: ByteRange = { kind: 'unsatisfiable' }

/**
 * Reads a Range header for content of `size` bytes (RFC 9110 section 14). Several ranges, other units and malformed
 * headers are ignored, as section 14.2 allows: the answer is then the whole content. A range that ends before it begins
 * is refused, as the section allows too and the distribution conformance suite asks for.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '')
  const [, first = '', last = ''] = match ?? []
  if (first === '') return last === '' ? whole : suffix(Number(last), size)
  const start = Number(first)
  const end = last === '' ? size - 1 : Number(last)
  if (start >= size || end < start) return unsatisfiable
  return { kind: 'part', start, end: Math.min(end, size - 1) }
}

function suffix(length: number, size: number): ByteRange {
  if (length === 0) return unsatisfiable
  // A 206 cannot describe a part of nothing.
  if (size === 0) return whole
  return { kind: 'part', start: Math.max(0, size - length), end: size - 1 }
}

/**
 * Reads the Content-Range of an upload chunk, offsets in bytes, `end` included: `0-1023` (distribution-spec, pushing a
 * blob in chunks), and also RFC 9110's `bytes 0-1023/*`. Undefined when it says neither.
 */
export function parseContentRange(header: string): { start: number; end: number } | undefined {
  const match = /^(?:(\d+)-(\d+)|bytes[ \t]+(\d+)-(\d+)\/(?:\*|(\d+)))$/i.exec(header.trim())
  if (!match) return undefined
  const start = Number(match[1] ?? match[3])
  const end = Number(match[2] ?? match[4])
  const total = Number(match[5] ?? Number.POSITIVE_INFINITY)
  return Number.isSafeInteger(end) && start <= end && end < total ? { start, end } : undefined
}

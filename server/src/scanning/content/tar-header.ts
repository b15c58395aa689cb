/** A tar header's size, and where its checksum stands (POSIX.1-2024, pax, ustar interchange format). */
const block = 512
const checksum = { start: 148, end: 156 }

/**
 * Whether an engine would take the bytes for a tar archive: the first header's checksum holds, over unsigned or signed
 * bytes. An archive needs no magic and no NUL, so that a JSON text can be one.
 */
export function beginsAsTar(bytes: Uint8Array): boolean {
  if (bytes.length < block) return false
  const header = bytes.subarray(0, block)
  const field = Buffer.from(header.subarray(checksum.start, checksum.end)).toString('latin1')
  // What may stand around the digits is read differently by each program.
  const [digits] = /[0-7]+/.exec(field) ?? []
  if (digits === undefined) return false
  const stored = Number.parseInt(digits, 8)
  let unsigned = 0
  let signed = 0
  header.forEach((byte, at) => {
    const counted = at >= checksum.start && at < checksum.end ? 0x20 : byte
    unsigned += counted
    signed += counted > 0x7f ? counted - 0x100 : counted
  })
  return stored === unsigned || stored === signed
}

/** A value of a row: what is read here needs no fractions. */
export type SqliteValue = Buffer | string | number | null

const magic = 'SQLite format 3\0'
const deepest = 20
const mostRows = 1_000_000

interface File {
  readonly bytes: Buffer
  readonly pageSize: number
  /** Of a page without what extensions keep at its end. */
  readonly usable: number
}

/**
 * The rows of a table, from a whole database file in memory (sqlite.org/fileformat2). It is not trusted: pages can't go
 * in circles, and what does not fit throws. Tables only: an index is never needed here.
 */
export function* readTable(bytes: Buffer, table: string): Generator<SqliteValue[]> {
  if (bytes.length < 512 || bytes.toString('latin1', 0, 16) !== magic) throw new Error('it is no SQLite database')
  const stored = bytes.readUInt16BE(16)
  const pageSize = stored === 1 ? 65_536 : stored
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw new Error(`pages of ${pageSize} bytes`)
  if (bytes.readUInt32BE(56) > 1) throw new Error('its text is not UTF-8')
  const file = { bytes, pageSize, usable: pageSize - (bytes[20] ?? 0) }
  for (const [type, name, , root] of rowsOf(file, 1)) {
    if (type !== 'table' || name !== table || typeof root !== 'number') continue
    yield* rowsOf(file, root)
    return
  }
  throw new Error(`it has no table ${table}`)
}

function* rowsOf(file: File, root: number): Generator<SqliteValue[]> {
  const seen = new Set<number>()
  let rows = 0
  function* walk(page: number, depth: number): Generator<SqliteValue[]> {
    if (seen.has(page) || depth > deepest) throw new Error(`page ${page} goes in circles`)
    seen.add(page)
    const start = offsetOf(file, page)
    const header = page === 1 ? start + 100 : start
    const kind = file.bytes[header]
    const cells = file.bytes.readUInt16BE(header + 3)
    const pointers = header + (kind === 5 ? 12 : 8)
    if (pointers + 2 * cells > start + file.usable) throw new Error(`page ${page} has ${cells} cells`)
    for (let i = 0; i < cells; i += 1) {
      const cell = start + file.bytes.readUInt16BE(pointers + 2 * i)
      if (cell >= start + file.usable) throw new Error(`a cell lies outside page ${page}`)
      if (kind === 5) yield* walk(file.bytes.readUInt32BE(cell), depth + 1)
      else if (kind === 13) {
        rows += 1
        if (rows > mostRows) throw new Error(`it has more than ${mostRows} rows`)
        yield rowOf(payloadOf(file, cell, start + file.usable))
      } else throw new Error(`page ${page} belongs to no table`)
    }
    if (kind === 5) yield* walk(file.bytes.readUInt32BE(header + 8), depth + 1)
  }
  yield* walk(root, 0)
}

function offsetOf({ bytes, pageSize }: File, page: number): number {
  const start = (page - 1) * pageSize
  if (page < 1 || start + pageSize > bytes.length) throw new Error(`page ${page} is outside the file`)
  return start
}

/** The content of a leaf's cell, with the pages that it overflows to. */
function payloadOf(file: File, cell: number, end: number): Buffer {
  const { bytes, usable } = file
  const [length, at] = varint(bytes, cell)
  const start = varint(bytes, at)[1]
  if (length > bytes.length) throw new Error('a row is larger than the file')
  const most = usable - 35
  if (length <= most) {
    if (start + length > end) throw new Error('a row is cut off')
    return bytes.subarray(start, start + length)
  }
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const kept = least + ((length - least) % (usable - 4))
  const here = kept <= most ? kept : least
  if (start + here + 4 > end) throw new Error('a row is cut off')
  const parts = [bytes.subarray(start, start + here)]
  let left = length - here
  let next = bytes.readUInt32BE(start + here)
  while (left > 0) {
    const page = offsetOf(file, next)
    const taken = Math.min(left, usable - 4)
    parts.push(bytes.subarray(page + 4, page + 4 + taken))
    next = bytes.readUInt32BE(page)
    left -= taken
  }
  return Buffer.concat(parts)
}

function rowOf(record: Buffer): SqliteValue[] {
  const [headerEnd, first] = varint(record, 0)
  if (headerEnd > record.length) throw new Error('the header of a row is cut off')
  const values: SqliteValue[] = []
  let at = first
  let data = headerEnd
  while (at < headerEnd) {
    const [type, next] = varint(record, at)
    at = next
    const size = sizeOf(type)
    if (data + size > record.length) throw new Error('a value is cut off')
    values.push(readValue(type, record.subarray(data, data + size)))
    data += size
  }
  return values
}

const fixedSizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]

function sizeOf(type: number): number {
  return type >= 12 ? Math.floor((type - 12) / 2) : (fixedSizes[type] ?? 0)
}

function readValue(type: number, bytes: Buffer): SqliteValue {
  if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString('utf8')
  if (type === 8 || type === 9) return type - 8
  if (type === 0 || bytes.length === 0) return null
  if (type === 7) return bytes.readDoubleBE(0)
  return bytes.length === 8 ? Number(bytes.readBigInt64BE(0)) : bytes.readIntBE(0, bytes.length)
}

/** Up to nine bytes, seven bits each, the last with eight; returns the value and where it ends. */
function varint(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0
  for (let i = 0; i < 9; i += 1) {
    const byte = bytes[start + i]
    if (byte === undefined) throw new Error('a number is cut off')
    if (i === 8) return [value * 256 + byte, start + 9]
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) return [value, start + i + 1]
  }
  return [value, start + 9]
}

/** What is read of a package's header. */
export interface RpmHeader {
  readonly name: string
  readonly version: string
  readonly release: string
  /** 0 where there is none. */
  readonly epoch: number
  readonly arch: string
  readonly vendor: string
  /** File name of the source package. */
  readonly sourceRpm: string
  readonly modularity: string
  /** Without a leading slash. */
  readonly files: readonly string[]
}

const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  arch: 1022,
  sourceRpm: 1044,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  modularity: 5096,
} as const

const entrySize = 16
const mostEntries = 65_536

/** A header as rpm databases hold it: counts, an index of tags, and their data, all big-endian. Throws on nonsense. */
export function readRpmHeader(header: Buffer): RpmHeader {
  const count = header.length >= 8 ? header.readUInt32BE(0) : mostEntries + 1
  const data = 8 + count * entrySize
  if (count > mostEntries || data > header.length) throw new Error('a header is cut off')
  const index = new Map<number, { offset: number; count: number }>()
  for (let i = 0; i < count; i += 1) {
    const at = 8 + i * entrySize
    index.set(header.readInt32BE(at), {
      offset: data + header.readUInt32BE(at + 8),
      count: header.readUInt32BE(at + 12),
    })
  }
  const strings = (tag: number): string[] => {
    const entry = index.get(tag)
    const found: string[] = []
    let at = entry?.offset ?? 0
    for (let i = 0; entry && i < entry.count; i += 1) {
      const end = header.indexOf(0, at)
      if (at >= header.length || end < 0) throw new Error('a string of a header is cut off')
      found.push(header.toString('utf8', at, end))
      at = end + 1
    }
    return found
  }
  const numbers = (tag: number): number[] => {
    const entry = index.get(tag)
    if (!entry) return []
    if (entry.offset + 4 * entry.count > header.length) throw new Error('the numbers of a header are cut off')
    return Array.from({ length: entry.count }, (_, i) => header.readUInt32BE(entry.offset + 4 * i))
  }
  const text = (tag: number) => strings(tag)[0] ?? ''
  const folders = strings(tags.dirNames)
  const folderOf = numbers(tags.dirIndexes)
  const name = text(tags.name)
  if (name === '') throw new Error('a header names no package')
  return {
    name,
    version: text(tags.version),
    release: text(tags.release),
    epoch: numbers(tags.epoch)[0] ?? 0,
    arch: text(tags.arch),
    vendor: text(tags.vendor),
    sourceRpm: text(tags.sourceRpm),
    modularity: text(tags.modularity),
    files: strings(tags.baseNames).map((base, i) => `${folders[folderOf[i] ?? 0] ?? ''}${base}`.replace(/^\/+/, '')),
  }
}

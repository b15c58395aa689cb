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
  /** Without a leading slash; made one by one. Throws on nonsense. */
  files(): Generator<string>
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
const mostFolders = 100_000
const longestPath = 4_096

/** A header as rpm databases hold it: counts, an index of tags, and their data, all big-endian. Throws on nonsense. */
export function readRpmHeader(header: Buffer): RpmHeader {
  const tagged = new TaggedData(header)
  const name = tagged.text(tags.name)
  if (name === '') throw new Error('a header names no package')
  return {
    name,
    version: tagged.text(tags.version),
    release: tagged.text(tags.release),
    epoch: tagged.number(tags.epoch, 0) ?? 0,
    arch: tagged.text(tags.arch),
    vendor: tagged.text(tags.vendor),
    sourceRpm: tagged.text(tags.sourceRpm),
    modularity: tagged.text(tags.modularity),
    *files() {
      if (tagged.count(tags.dirNames) > mostFolders) throw new Error('a package has too many folders')
      const folders = [...tagged.strings(tags.dirNames)]
      let at = 0
      for (const base of tagged.strings(tags.baseNames)) {
        const folder = folders[tagged.number(tags.dirIndexes, at) ?? 0] ?? ''
        at += 1
        if (folder.length + base.length <= longestPath) yield `${folder}${base}`.replace(/^\/+/, '')
      }
    },
  }
}

class TaggedData {
  readonly #bytes: Buffer
  readonly #index = new Map<number, { readonly offset: number; readonly count: number }>()

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    const count = bytes.length >= 8 ? bytes.readUInt32BE(0) : mostEntries + 1
    const data = 8 + count * entrySize
    if (count > mostEntries || data > bytes.length) throw new Error('a header is cut off')
    for (let at = 8; at < data; at += entrySize) {
      const entry = { offset: data + bytes.readUInt32BE(at + 8), count: bytes.readUInt32BE(at + 12) }
      this.#index.set(bytes.readInt32BE(at), entry)
    }
  }

  count(tag: number): number {
    return this.#index.get(tag)?.count ?? 0
  }

  *strings(tag: number): Generator<string> {
    const entry = this.#index.get(tag)
    let at = entry?.offset ?? 0
    for (let left = entry?.count ?? 0; left > 0; left -= 1) {
      const end = at < this.#bytes.length ? this.#bytes.indexOf(0, at) : -1
      if (end < 0) throw new Error('a string of a header is cut off')
      yield this.#bytes.toString('utf8', at, end)
      at = end + 1
    }
  }

  text(tag: number): string {
    const [first = ''] = this.strings(tag)
    return first
  }

  number(tag: number, index: number): number | undefined {
    const entry = this.#index.get(tag)
    if (!entry || index >= entry.count) return undefined
    const at = entry.offset + 4 * index
    if (at + 4 > this.#bytes.length) throw new Error('the numbers of a header are cut off')
    return this.#bytes.readUInt32BE(at)
  }
}

import { createHash } from 'node:crypto'
import type { Facts } from './analyzers/analyzer.ts'
import { ExecutableSink } from './analyzers/executable.ts'
import { analyzerFor, unreadKind } from './analyzers/select.ts'
import { decompress } from './decompress.ts'
import { LayerError } from './layer-error.ts'
import type { LayerInventory } from './layer-inventory.ts'
import type { LayerLimits } from './limits.ts'
import { Notes } from './notes.ts'
import { type Sink, type TarEntry, TarReader } from './tar-reader.ts'

export interface LayerReading {
  /** `sha256:…` of all bytes as they are unpacked, computed here. */
  readonly diffId: string
  readonly inventory: LayerInventory
  /** Bytes, unpacked. */
  readonly size: number
}

/**
 * Reads a layer once, as a stream: what it holds, and the digest of its unpacked bytes to the very last. Memory is
 * bounded by the limits. Throws a LayerError where it can't be read.
 */
export async function readLayer(bytes: AsyncIterable<Uint8Array>, limits: LayerLimits): Promise<LayerReading> {
  const hash = createHash('sha256')
  const notes = new Notes(limits)
  const reader = new TarReader(limits, (entry) => open(entry, notes, limits))
  const deadline = Date.now() + limits.milliseconds
  let size = 0
  for await (const chunk of decompress(bytes, limits)) {
    hash.update(chunk)
    size += chunk.length
    reader.push(chunk)
    if (reader.entries > limits.entries) throw new LayerError('too-large', `it has more than ${limits.entries} files`)
    if (Date.now() > deadline) throw new LayerError('too-slow', `it took longer than ${limits.milliseconds} ms to read`)
  }
  reader.end()
  return { diffId: `sha256:${hash.digest('hex')}`, inventory: notes.inventory(), size }
}

const whiteout = '.wh.'
const opaque = '.wh..wh..opq'

function open(entry: TarEntry, notes: Notes, limits: LayerLimits): Sink | undefined {
  const { path } = entry
  if (path === undefined) {
    notes.partial('a file whose name is too long or leads out of the image was left out')
    return undefined
  }
  const slash = path.lastIndexOf('/')
  const folder = slash < 0 ? '' : path.slice(0, slash)
  const base = path.slice(slash + 1)
  if (base === opaque) notes.opaque(folder)
  else if (base.startsWith(whiteout)) notes.removed(folder ? `${folder}/${base.slice(4)}` : base.slice(4))
  if (entry.type !== 'file' || base.startsWith(whiteout)) return undefined

  const kind = unreadKind(path)
  if (kind) notes.notCovered(kind, path)
  const analyzer = analyzerFor(path)
  if (analyzer) {
    return gather(entry, Math.min(analyzer.limit, limits.fileBytes), notes, path, (content) =>
      analyzer.read(content, path),
    )
  }
  return (entry.mode & 0o111) !== 0 && entry.size > 0
    ? new ExecutableSink((facts) => notes.add(path, facts))
    : undefined
}

function gather(
  entry: TarEntry,
  limit: number,
  notes: Notes,
  path: string,
  read: (content: Buffer) => Facts,
): Sink | undefined {
  if (entry.size > limit || !notes.mayCapture(entry.size)) {
    notes.partial(`${path} has ${entry.size} bytes, too many to be read`)
    return undefined
  }
  const parts: Buffer[] = []
  return {
    // A piece is part of a larger one that is about to be used again.
    write: (chunk) => void parts.push(Buffer.from(chunk)),
    end: () => notes.add(path, read(Buffer.concat(parts))),
  }
}

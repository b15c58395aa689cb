import { VulndbError } from '../error.ts'

const blockBytes = 512

/**
 * Hands over the wanted files of a tar (POSIX ustar) as they come, each once. `wanted` has their names and the most
 * bytes of each. Nothing but one block and the chunk at hand is held, whatever the headers say. Throws VulndbError
 * where one is missing, there twice, or too large, and where the tar is broken or stops short.
 */
export async function readTarFiles(
  tar: AsyncIterable<Buffer>,
  wanted: ReadonlyMap<string, number>,
  take: (name: string, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const input = new BlockReader(tar)
  const missing = new Set(wanted.keys())
  for (let header = await input.block(); header !== undefined; header = await input.block()) {
    if (header.every((byte) => byte === 0)) break
    const { name, size, regular } = readHeader(header)
    const most = regular ? wanted.get(name) : undefined
    if (most === undefined) {
      for await (const _ of input.content(size));
      continue
    }
    if (!missing.delete(name)) throw new VulndbError('archive', `the layer holds ${name} twice`)
    if (size > most) throw new VulndbError('too-large', `${name} has ${size} bytes, of which ${most} are taken`)
    await take(name, input.content(size))
  }
  for (const name of missing) throw new VulndbError('archive', `the layer holds no ${name}`)
  await input.drain()
}

interface Header {
  readonly name: string
  readonly size: number
  readonly regular: boolean
}

function readHeader(block: Buffer): Header {
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  if (readOctal(block, 148, 8) !== sum) throw new VulndbError('archive', 'a header of the tar is broken')
  const type = block[156]
  return {
    name: readText(block, 0, 100).replace(/^\.\//, ''),
    size: readOctal(block, 124, 12),
    regular: type === 0x30 || type === 0,
  }
}

function readText(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('latin1')
}

function readOctal(block: Buffer, start: number, length: number): number {
  const text = readText(block, start, length).trim()
  if (!/^[0-7]+$/.test(text)) throw new VulndbError('archive', 'a header of the tar has a size that is none')
  return Number.parseInt(text, 8)
}

/** Chunks of any size, read in blocks and contents. */
class BlockReader {
  private readonly chunks: AsyncIterator<Buffer>
  private held: Buffer = Buffer.alloc(0)

  constructor(tar: AsyncIterable<Buffer>) {
    this.chunks = tar[Symbol.asyncIterator]()
  }

  /** Undefined at the end. */
  async block(): Promise<Buffer | undefined> {
    const parts: Buffer[] = []
    for await (const part of this.take(blockBytes)) parts.push(part)
    const block = Buffer.concat(parts)
    if (block.length === 0) return undefined
    if (block.length < blockBytes) stopsShort()
    return block
  }

  /** An entry's content, and after it the rest of its last block. */
  async *content(size: number): AsyncGenerator<Buffer> {
    let left = size
    for await (const part of this.take(size)) {
      left -= part.length
      yield part
    }
    if (left > 0) stopsShort()
    for await (const _ of this.take((blockBytes - (size % blockBytes)) % blockBytes));
  }

  /** Reads to the end, so that the checksum behind it is seen. */
  async drain(): Promise<void> {
    while ((await this.chunks.next()).done !== true);
  }

  private async *take(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.held.length === 0) {
        const next = await this.chunks.next()
        if (next.done === true) return
        this.held = next.value
      }
      const part = this.held.subarray(0, left)
      this.held = this.held.subarray(part.length)
      left -= part.length
      if (part.length > 0) yield part
    }
  }
}

function stopsShort(): never {
  throw new VulndbError('archive', 'the layer stops short')
}

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { LayerError } from './layer-error.ts'
import type { LayerLimits } from './limits.ts'

const chunkSize = 1 << 20
/** 128 MiB: what `zstd --long` makes at most, and what decoders allow without being asked. */
const largestWindowLog = 27

const gzipMagic = Buffer.from([0x1f, 0x8b])
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** The bytes of a layer as they are unpacked, told by their first bytes, never by a declared type. */
export async function* decompress(
  bytes: AsyncIterable<Uint8Array>,
  limits: LayerLimits,
): AsyncGenerator<Buffer, void, void> {
  const counted = { compressed: 0, plain: 0 }
  const source = withHead(bytes, counted)
  const { head, all } = await source
  const compressed = head.subarray(0, 2).equals(gzipMagic) || head.subarray(0, 4).equals(zstdMagic)
  const plain = compressed ? inflate(all, head) : all
  for await (const chunk of plain) {
    counted.plain += chunk.length
    if (counted.plain > limits.bytes) throw new LayerError('too-large', `it has more than ${limits.bytes} bytes`)
    if (counted.plain > limits.ratioFrom && counted.plain > limits.ratio * counted.compressed) {
      throw new LayerError('too-large', `it unpacks to more than ${limits.ratio} times its size`)
    }
    yield chunk
  }
}

async function withHead(
  bytes: AsyncIterable<Uint8Array>,
  counted: { compressed: number },
): Promise<{ head: Buffer; all: AsyncIterable<Buffer> }> {
  const iterator = bytes[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let length = 0
  while (length < 4) {
    const next = await iterator.next()
    if (next.done) break
    first.push(asBuffer(next.value))
    length += next.value.length
  }
  counted.compressed += length
  const head = Buffer.concat(first)
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head
      for (;;) {
        const next = await iterator.next()
        if (next.done) return
        counted.compressed += next.value.length
        yield asBuffer(next.value)
      }
    } finally {
      await iterator.return?.()
    }
  }
  return { head, all: all() }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

async function* inflate(all: AsyncIterable<Buffer>, head: Buffer): AsyncGenerator<Buffer> {
  const zstd = head[0] === zstdMagic[0]
  const stream = zstd
    ? createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: largestWindowLog } })
    : createGunzip({ chunkSize })
  const fed = pipeline(Readable.from(all, { objectMode: false, highWaterMark: chunkSize }), stream)
  // What fails is told by the loop below, too; here it only must not go unheard.
  fed.catch(() => undefined)
  try {
    for await (const chunk of stream) yield chunk as Buffer
    await fed
  } catch (error) {
    if (isCorrupt(error)) throw new LayerError('corrupt', `it can't be unpacked: ${error.message}`, { cause: error })
    throw error
  } finally {
    stream.destroy()
  }
}

/** zlib's own complaints, apart from those of whoever reads the bytes. */
function isCorrupt(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('Z_') || code.startsWith('ZSTD_')
}

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { endOfBlob, Frames, frameHeader } from './frame.ts'

/** A stream of these blobs, each of its own frames, cut into pieces of some size. */
async function* stream(blobs: readonly (readonly Buffer[])[], piece: number): AsyncGenerator<Buffer> {
  const framed = blobs.flatMap((frames) => [
    ...frames.flatMap((frame) => [frameHeader(frame.length), frame]),
    endOfBlob,
  ])
  const all = Buffer.concat(framed)
  for (let at = 0; at < all.length; at += piece) yield all.subarray(at, at + piece)
}

async function gather(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const found: Buffer[] = []
  for await (const piece of pieces) found.push(piece)
  return Buffer.concat(found)
}

const frame = fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes))
const blobs = fc.array(fc.array(frame, { maxLength: 5 }), { minLength: 1, maxLength: 5 })

it('blobs come out as they went in, however the stream is cut, and some are not read to the end', async () => {
  await fc.assert(
    fc.asyncProperty(blobs, fc.integer({ min: 1, max: 40 }), fc.nat(), async (sent, piece, skipped) => {
      const frames = new Frames(stream(sent, piece))
      for (const [at, blob] of sent.entries()) {
        const reading = frames.blob()
        if (at === skipped % sent.length) await reading.next()
        else expect(await gather(reading)).toEqual(Buffer.concat(blob))
        await frames.skip()
      }
    }),
  )
})

it('a stream that ends within a blob is an error', async () => {
  async function* cut() {
    yield frameHeader(10)
    yield Buffer.alloc(3)
  }
  await expect(gather(new Frames(cut()).blob())).rejects.toThrow('the stream ends in the middle of a blob')
})

import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Digest, digestOf } from '@breakwater/oci'
import { beforeEach, describe, expect, it } from 'vitest'
import { ContentMissing, type ContentStore, type Part } from './store.ts'

/** What every ContentStore must do. Call it in a test file with a function that opens an empty store for each test. */
export function describeContentStore(name: string, open: () => Promise<ContentStore>): void {
  describe(name, () => {
    let store: ContentStore
    let upload: string
    beforeEach(async () => {
      store = await open()
      upload = randomUUID()
    })

    async function read(digest: Digest, start: number, end: number): Promise<Buffer> {
      const chunks: Buffer[] = []
      await store.read(digest, start, end, async (chunk) => {
        chunks.push(Buffer.from(chunk))
      })
      return Buffer.concat(chunks)
    }

    async function whole(digest: Digest): Promise<Buffer> {
      const size = await store.size(digest)
      if (size === undefined) throw new Error(`${digest} is not there`)
      return size === 0 ? Buffer.alloc(0) : read(digest, 0, size - 1)
    }

    async function write(part: string, ...chunks: Buffer[]): Promise<Part> {
      const options = { hashing: undefined, progress: () => undefined }
      const { size, complete } = await store.writePart(upload, part, Readable.from(chunks), options)
      expect(complete).toBe(true)
      return { name: part, size }
    }

    async function readParts(parts: readonly Part[]): Promise<Buffer> {
      const chunks: Buffer[] = []
      await store.readParts(upload, parts, async (chunk) => {
        chunks.push(Buffer.from(chunk))
      })
      return Buffer.concat(chunks)
    }

    describe('finished content', () => {
      it.each([0, 1, 70_000, 5 << 20])('of %i bytes is what was written', async (size) => {
        const bytes = randomBytes(size)
        const digest = digestOf(bytes)
        await store.write(digest, bytes)
        expect(await store.size(digest)).toBe(size)
        expect((await whole(digest)).equals(bytes)).toBe(true)
      })

      it('is read in ranges, both ends included', async () => {
        const bytes = randomBytes((3 << 20) + 17)
        const digest = digestOf(bytes)
        await store.write(digest, bytes)
        const last = bytes.length - 1
        for (const [start, end] of [
          [0, 0],
          [last, last],
          [10, 20],
          [65_535, 65_536],
          [1_000_000, 3_000_000],
          [0, last],
        ] as const) {
          expect((await read(digest, start, end)).equals(bytes.subarray(start, end + 1))).toBe(true)
        }
      })

      it('may be written again, by many at once', async () => {
        const bytes = randomBytes(100_000)
        const digest = digestOf(bytes, 'sha512')
        await Promise.all(Array.from({ length: 5 }, () => store.write(digest, bytes)))
        expect((await whole(digest)).equals(bytes)).toBe(true)
      })

      it('is read by many at once, slow and fast', async () => {
        const bytes = randomBytes(4 << 20)
        const digest = digestOf(bytes)
        await store.write(digest, bytes)
        const readers = Array.from({ length: 40 }, async (_, i) => {
          const chunks: Buffer[] = []
          await store.read(digest, i, bytes.length - 1, async (chunk) => {
            if (i % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
            chunks.push(Buffer.from(chunk))
          })
          return Buffer.concat(chunks).equals(bytes.subarray(i))
        })
        expect(new Set(await Promise.all(readers))).toEqual(new Set([true]))
      })

      it('stops being read when the sink fails, with its error', async () => {
        const bytes = randomBytes(4 << 20)
        const digest = digestOf(bytes)
        await store.write(digest, bytes)
        let taken = 0
        const failing = store.read(digest, 0, bytes.length - 1, async () => {
          taken += 1
          if (taken === 2) throw new Error('no more')
        })
        await expect(failing).rejects.toThrow('no more')
        expect(taken).toBe(2)
      })

      it('that is not there has no size and cannot be read or removed with harm', async () => {
        const digest = digestOf(randomBytes(10))
        expect(await store.size(digest)).toBeUndefined()
        await expect(read(digest, 0, 0)).rejects.toThrow(ContentMissing)
        await store.remove(digest)
      })

      it('is gone once removed, and can come back', async () => {
        const bytes = randomBytes(10)
        const digest = digestOf(bytes)
        await store.write(digest, bytes)
        await store.remove(digest)
        expect(await store.size(digest)).toBeUndefined()
        await store.write(digest, bytes)
        expect((await whole(digest)).equals(bytes)).toBe(true)
      })
    })

    describe('an upload', () => {
      it.each([1, 2, 5])('of %i parts becomes a blob', async (count) => {
        const bytes = Array.from({ length: count }, () => randomBytes(300_000))
        const parts: Part[] = []
        for (const [i, part] of bytes.entries())
          parts.push(await write(`part${i}`, part.subarray(0, 7), part.subarray(7)))
        expect((await readParts(parts)).equals(Buffer.concat(bytes))).toBe(true)
        const digest = digestOf(Buffer.concat(bytes))
        await store.commit(upload, parts, digest)
        expect((await whole(digest)).equals(Buffer.concat(bytes))).toBe(true)
        await expect(readParts(parts)).rejects.toThrow(ContentMissing)
      })

      it('of nothing becomes the empty blob', async () => {
        const digest = digestOf(Buffer.alloc(0))
        await store.commit(upload, [], digest)
        expect(await store.size(digest)).toBe(0)
        await store.commit(upload, [await write('none')], digest)
        expect(await store.size(digest)).toBe(0)
      })

      it('may become a blob that is there already', async () => {
        const bytes = randomBytes(1000)
        const digest = digestOf(bytes)
        await store.write(digest, bytes)
        await store.commit(upload, [await write('again', bytes)], digest)
        expect((await whole(digest)).equals(bytes)).toBe(true)
      })

      it('counts only the bytes that its parts say', async () => {
        const [first, second] = [randomBytes(1000), randomBytes(1000)]
        const parts = [await write('first', first), await write('second', second)].map((part) => ({
          ...part,
          size: 600,
        }))
        const bytes = Buffer.concat([first.subarray(0, 600), second.subarray(0, 600)])
        expect((await readParts(parts)).equals(bytes)).toBe(true)
        await store.commit(upload, parts, digestOf(bytes))
        expect((await whole(digestOf(bytes))).equals(bytes)).toBe(true)
      })

      it('leaves a part alone that may still be written to', async () => {
        const sent: Buffer[] = []
        const body = new Readable({ read: () => undefined })
        const push = () => {
          sent.push(randomBytes(1 << 20))
          body.push(sent.at(-1))
        }
        let taken = 0
        const progress = (size: number) => {
          taken = size
        }
        const writing = store.writePart(upload, 'open', body, { hashing: undefined, progress })
        await expect.poll(() => taken || push(), { interval: 5, timeout: 10_000 }).toBeGreaterThan(0)
        const size = taken
        const bytes = Buffer.concat(sent).subarray(0, size)
        const open: Part = { name: 'open', size, open: true }
        expect((await readParts([open])).equals(bytes)).toBe(true)
        await store.commit(upload, [open], digestOf(bytes))
        push()
        body.push(null)
        await writing.catch(() => undefined)
        expect((await whole(digestOf(bytes))).equals(bytes)).toBe(true)
      })

      it('keeps what came before its body broke', async () => {
        const bytes = randomBytes(100_000)
        const body = Readable.from(
          (async function* () {
            yield bytes
            throw new Error('connection lost')
          })(),
        )
        const written = await store.writePart(upload, 'broken', body, { hashing: undefined, progress: () => undefined })
        expect(written).toEqual({ size: bytes.length, complete: false })
        expect((await readParts([{ name: 'broken', size: bytes.length }])).equals(bytes)).toBe(true)
      })

      it('tells how far it has come, and ends with the error of who is told', async () => {
        const seen: number[] = []
        const body = () => Readable.from(Array.from({ length: 6 }, () => randomBytes(1 << 20)))
        await store.writePart(upload, 'told', body(), { hashing: undefined, progress: (size) => void seen.push(size) })
        expect(seen.at(-1)).toBe(6 << 20)
        expect(seen).toEqual([...seen].sort((a, b) => a - b))
        const progress = () => {
          throw new Error('too much')
        }
        await expect(store.writePart(upload, 'ended', body(), { hashing: undefined, progress })).rejects.toThrow(
          'too much',
        )
      })

      it('writes a part once', async () => {
        await write('once', randomBytes(10))
        await expect(write('once', randomBytes(10))).rejects.toThrow()
      })

      it('is gone once discarded, begun or not', async () => {
        const parts = [await write('one', randomBytes(10)), await write('two', randomBytes(10))]
        await store.discard(upload)
        await expect(readParts(parts)).rejects.toThrow(ContentMissing)
        await store.discard(upload)
        await store.discard(randomUUID())
      })

      it('takes a part while another of its parts is discarded', async () => {
        for (let round = 0; round < 100; round += 1) {
          upload = randomUUID()
          const lost = await write('lost')
          const [kept] = await Promise.all([
            write('kept', randomBytes(10)),
            store.discardPart(upload, lost.name),
            store.discardPart(upload, lost.name),
          ])
          expect((await readParts([kept])).length).toBe(10)
        }
      })

      it('does not know the parts of another', async () => {
        const part = await write('mine', randomBytes(10))
        upload = randomUUID()
        await expect(readParts([part])).rejects.toThrow(ContentMissing)
      })
    })

    describe('the list', () => {
      it('has every finished blob, and nothing that is on its way', async () => {
        const list = async () => (await Array.fromAsync(store.list())).sort((a, b) => (a.digest < b.digest ? -1 : 1))
        expect(await list()).toEqual([])
        const sizes = [0, 1, 70_000]
        const blobs = [...sizes.map((size) => randomBytes(size)), randomBytes(5)]
        const digests = blobs.map((bytes, i) => digestOf(bytes, i === sizes.length ? 'sha512' : 'sha256'))
        for (const [i, digest] of digests.entries()) await store.write(digest, blobs[i] ?? Buffer.alloc(0))
        await write('pending', randomBytes(100))
        await store.putRecord('some/record', randomBytes(10))
        const expected = digests.map((digest, i) => ({ digest, size: blobs[i]?.length }))
        expect(await list()).toEqual(expected.sort((a, b) => (a.digest < b.digest ? -1 : 1)))
      })
    })

    describe('a record', () => {
      it.each([0, 1, 8 << 20])('of %i bytes is what was put last', async (size) => {
        expect(await store.getRecord('state/mark')).toBeUndefined()
        await store.putRecord('state/mark', randomBytes(20))
        const bytes = randomBytes(size)
        await store.putRecord('state/mark', bytes)
        expect((await store.getRecord('state/mark'))?.equals(bytes)).toBe(true)
      })

      it('is listed by the beginning of its name, in order, until it is removed', async () => {
        for (const name of ['b/2/x', 'b/10', 'a', 'b/1/y']) await store.putRecord(name, randomBytes(3))
        expect(await store.listRecords('')).toEqual(['a', 'b/1/y', 'b/10', 'b/2/x'])
        expect(await store.listRecords('b/1')).toEqual(['b/1/y', 'b/10'])
        await store.removeRecord('b/10')
        await store.removeRecord('b/10')
        expect(await store.listRecords('b/')).toEqual(['b/1/y', 'b/2/x'])
        expect(await store.listRecords('none')).toEqual([])
      })

      it.each(['', '/a', 'a/', 'a//b', '../a', 'a/.b', 'A', 'a b'])('is not called %j', async (name) => {
        await expect(store.putRecord(name, randomBytes(1))).rejects.toThrow(RangeError)
      })
    })
  })
}

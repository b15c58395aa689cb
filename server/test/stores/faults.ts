import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Digest, digestOf } from '@breakwater/oci'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ContentStore, openStore, type Part, StoreUnavailable } from '../../src/content/index.ts'
import { errorOf } from '../client.ts'
import { blobOf } from '../content.ts'
import { startRegistry } from '../registry.ts'
import { type FaultyProxy, type Injected, startFaultyProxy } from './faulty-proxy.ts'
import { type LiveStore, storeConfig } from './live-store.ts'

const options = { hashing: undefined, progress: () => undefined }

/** What happens when the way to a store, or the store, is slow, fails or lies. */
export function describeFaults(live: () => LiveStore, tellsSizeIn: 'header' | 'body'): void {
  describe('a store that fails', () => {
    let proxy: FaultyProxy
    let store: ContentStore
    beforeEach(async () => {
      proxy = await startFaultyProxy(live().host)
      store = await openStore(storeConfig(live().env(proxy.host)))
    })
    afterEach(() => proxy[Symbol.asyncDispose]())

    /** An upload of parts of these sizes, joined. */
    async function push(sizes: readonly number[]): Promise<{ digest: Digest; bytes: Buffer }> {
      const upload = randomUUID()
      const bytes = sizes.map((size) => randomBytes(size))
      const parts: Part[] = []
      for (const [i, part] of bytes.entries()) {
        await store.writePart(upload, `part${i}`, Readable.from([part]), options)
        parts.push({ name: `part${i}`, size: part.length })
      }
      const whole = Buffer.concat(bytes)
      await store.commit(upload, parts, digestOf(whole))
      return { digest: digestOf(whole), bytes: whole }
    }

    async function expectWhole({ digest, bytes }: { digest: Digest; bytes: Buffer }) {
      const chunks: Buffer[] = []
      await store.read(digest, 0, bytes.length - 1, async (chunk) => {
        chunks.push(Buffer.from(chunk))
      })
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    }

    it.each<[string, Injected]>([
      ['breaks the connection', 'reset'],
      ['does it and breaks the connection', 'lost answer'],
      ['answers 500', { status: 500 }],
      ['answers 503', { status: 503 }],
      ['answers 429', { status: 429 }],
      ['takes its time', { delay: 50 }],
    ])(
      'with every second request, which %s, takes and gives blobs whole',
      { timeout: 120_000 },
      async (_, injected) => {
        let turn = 0
        proxy.decide = () => {
          turn += 1
          return turn % 2 === 0 ? injected : undefined
        }
        await expectWhole(await push([12 << 20, 100, 6 << 20, 3]))
        await expectWhole(await push([1000]))
        const manifest = randomBytes(3000)
        await store.write(digestOf(manifest), manifest)
        await expectWhole({ digest: digestOf(manifest), bytes: manifest })
        await store.remove(digestOf(manifest))
        expect(await store.size(digestOf(manifest))).toBeUndefined()
        expect(proxy.count()).toBeGreaterThan(5)
      },
    )

    it('in the middle of its answers is asked for the rest', { timeout: 60_000 }, async () => {
      const blob = await push([3 << 20])
      proxy.decide = (method) => (method === 'GET' ? { cutAfter: 700_000 } : undefined)
      await expectWhole(blob)
      expect(proxy.count()).toBeGreaterThan(3)
    })

    it('for good is named, and leaves no half blob', { timeout: 60_000 }, async () => {
      const upload = randomUUID()
      const bytes = randomBytes(20 << 20)
      await store.writePart(upload, 'part', Readable.from([bytes]), options)
      const digest = digestOf(bytes)
      const part: Part = { name: 'part', size: bytes.length }
      proxy.decide = (method) => (method === 'PUT' || method === 'POST' ? { status: 503 } : undefined)
      const failure = await store.commit(upload, [part], digest).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(StoreUnavailable)
      expect(String(failure)).toMatch(/the blob store answers with an error \(503/)
      expect(await store.size(digest)).toBeUndefined()
      proxy.decide = () => undefined
      await store.commit(upload, [part], digest)
      await expectWhole({ digest, bytes })
    })

    it.runIf(tellsSizeIn === 'header')(
      'and keeps less than it was given is found out, and the blob is not left',
      async () => {
        const bytes = randomBytes(5000)
        const digest = digestOf(bytes)
        let written = false
        proxy.decide = (method) => {
          if (method === 'PUT') written = true
          return method === 'HEAD' && written ? { claim: 4000 } : undefined
        }
        await expect(store.write(digest, bytes)).rejects.toThrow('took a blob and kept 4000 of its 5000 bytes')
        proxy.decide = () => undefined
        expect(await store.size(digest)).toBeUndefined()
      },
    )

    it('and is away makes 503 with what is wrong, and an upload goes on where it stood', {
      timeout: 60_000,
    }, async () => {
      await using registry = await startRegistry(live().env(proxy.host))
      const blob = blobOf(randomBytes(3_000_000))
      const location = (await registry.ask('POST', '/v2/library/app/blobs/uploads/')).headers.location ?? ''
      const patch = (from: number, to: number) =>
        registry.ask('PATCH', location, { body: blob.bytes.subarray(from, to) })
      expect((await patch(0, 1_000_000)).status).toBe(202)
      await proxy.close()
      const refused = await patch(1_000_000, 3_000_000)
      expect(refused.status).toBe(503)
      expect(refused.headers['retry-after']).toBe('5')
      expect(errorOf(refused)).toEqual({
        code: 'UNAVAILABLE',
        message: 'the blob store is not reachable (ECONNREFUSED); try again in a few seconds',
      })
      await proxy.open()
      expect((await registry.ask('GET', location)).headers.range).toBe('0-999999')
      expect((await patch(1_000_000, 3_000_000)).status).toBe(202)
      expect((await registry.ask('PUT', `${location}?digest=${blob.digest}`)).status).toBe(201)
      const got = await registry.ask('GET', `/v2/library/app/blobs/${blob.digest}`)
      expect(got.bytes.equals(blob.bytes)).toBe(true)
    })

    it('that is away at the start is named', { timeout: 60_000 }, async () => {
      await proxy.close()
      const opening = openStore(storeConfig(live().env(proxy.host)))
      await expect(opening).rejects.toThrow('the blob store is not reachable (ECONNREFUSED)')
    })
  })
}

import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { mediaType } from '@breakwater/oci'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blobOf, pushBlob, putManifest } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { storedUploads } from '../uploads/store-folder.ts'
import { openWire } from '../wire.ts'
import { expectNoLeak, restingFiles } from './open-files.ts'

const registry = sharedRegistry()
const big = blobOf(randomBytes(4 << 20))
let before = 0
beforeAll(async () => {
  await pushBlob(registry(), 'library/app', big)
  before = await restingFiles(registry())
})
afterAll(async () => {
  await expectNoLeak(before)
  expect(await storedUploads(registry())).toEqual([])
  expect((await registry().ask('GET', '/v2/')).status).toBe(200)
})

const head = (method: string, path: string, ...lines: string[]) =>
  `${[`${method} ${path} HTTP/1.1`, 'Host: x', `Authorization: ${admin}`, ...lines].join('\r\n')}\r\n\r\n`

async function startUpload(): Promise<string> {
  return (await registry().ask('POST', '/v2/library/app/blobs/uploads/')).headers.location ?? ''
}

describe('a manifest', () => {
  it('may be any bytes without harm', async () => {
    const json = fc.json({ maxDepth: 6 })
    const shaped = fc.record(
      {
        schemaVersion: fc.constantFrom<unknown>(2, 1, '2', null),
        mediaType: fc.constantFrom<unknown>(mediaType.ociManifest, mediaType.ociIndex, '', 7),
        config: fc.jsonValue(),
        layers: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ mediaType: fc.string(), digest: fc.constant(big.digest), size: fc.integer() })),
        ),
        manifests: fc.jsonValue(),
        subject: fc.jsonValue(),
        annotations: fc.dictionary(fc.string(), fc.jsonValue()),
        artifactType: fc.jsonValue(),
      },
      { requiredKeys: ['schemaVersion'] },
    )
    const body = fc.oneof(
      json.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      shaped.map((value) => Buffer.from(JSON.stringify(value))),
    )
    const type = fc.constantFrom(
      mediaType.ociManifest,
      mediaType.ociIndex,
      mediaType.dockerManifest,
      '',
      'text/plain',
      ';',
    )
    const property = fc.asyncProperty(body, type, async (bytes, contentType) => {
      const answer = await putManifest(registry(), 'library/app', 'any', bytes, contentType)
      expect(answer.status).toBeOneOf([201, 400])
    })
    await fc.assert(property, { numRuns: 200 })
  })

  it.each([
    ['nested objects', '{"a":'.repeat(200_000)],
    ['nested lists', '['.repeat(1_000_000)],
    ['a closed nest', `${'['.repeat(500_000)}${']'.repeat(500_000)}`],
    ['very many keys', `{${Array.from({ length: 300_000 }, (_, i) => `"${i}":0`).join()}}`],
    ['a long string', `{"schemaVersion":2,"x":"${'\\u0000'.repeat(400_000)}"}`],
    ['a long number', `{"schemaVersion":${'9'.repeat(1_000_000)}}`],
    ['backslashes', `{"${'\\\\'.repeat(1_000_000)}":1}`],
  ])('of %s is refused soon', async (_, text) => {
    const began = performance.now()
    expect((await putManifest(registry(), 'library/app', 'deep', text)).status).toBe(400)
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

describe('a connection that ends', () => {
  it.each([
    ['before the body', 0],
    ['in the body', 1000],
  ])('%s of a manifest leaves nothing', async (_, sent) => {
    await using wire = await openWire(registry().origin)
    await wire.send(
      head('PUT', '/v2/library/app/manifests/cut', `Content-Type: ${mediaType.ociManifest}`, 'Content-Length: 5000'),
    )
    await wire.send(' '.repeat(sent))
    await wait(50)
    await wire.cut()
    expect((await registry().ask('HEAD', '/v2/library/app/manifests/cut')).status).toBe(404)
  })

  it('in a chunk leaves what came, and the upload goes on', async () => {
    const location = await startUpload()
    for (let round = 0; round < 5; round += 1) {
      await using wire = await openWire(registry().origin)
      await wire.send(head('PATCH', location, 'Transfer-Encoding: chunked'))
      await wire.send('ff\r\n0123456789')
      await wait(30)
    }
    await wait(100)
    const answer = await registry().ask('PATCH', location, { body: 'x' })
    expect(answer.status).toBe(202)
    expect(Number(answer.headers['range']?.toString().split('-')[1])).toBeLessThanOrEqual(50)
    expect((await registry().ask('DELETE', location)).status).toBe(204)
  })

  it('in a download frees what it held', async () => {
    for (let round = 0; round < 20; round += 1) {
      await using wire = await openWire(registry().origin)
      await wire.send(head('GET', `/v2/library/app/blobs/${big.digest}`))
      await wait(10)
    }
    const whole = await registry().ask('GET', `/v2/library/app/blobs/${big.digest}`)
    expect(whole.bytes.equals(big.bytes)).toBe(true)
  })

  it('with half a length is answered, if at all, as a mistake of the client', async () => {
    const location = await startUpload()
    await using wire = await openWire(registry().origin)
    await wire.send(head('PATCH', location, 'Content-Length: 100'))
    await wire.send('half')
    await wait(50)
    await wire.cut()
    await expect.poll(async () => (await registry().ask('GET', location)).headers['range']).toBeOneOf(['0-0', '0-3'])
    await registry().ask('DELETE', location)
  })
})

describe('a refused body', () => {
  it.each([
    ['without credentials', undefined, 401],
    ['for an unknown upload', admin, 404],
  ])('%s is answered though all of it is sent', async (_, auth, status) => {
    const path = '/v2/library/app/blobs/uploads/00000000-0000-4000-8000-000000000000'
    const answer = await registry().ask('PATCH', path, { body: randomBytes(3 << 20), auth })
    expect(answer.status).toBe(status)
  })

  it('does not tie up the server when the client never stops', async () => {
    await using wire = await openWire(registry().origin)
    await wire.send(
      head('PATCH', '/v2/library/app/blobs/uploads/00000000-0000-4000-8000-000000000000', 'Transfer-Encoding: chunked'),
    )
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1 << 20), Buffer.from('\r\n')])
    for (let sent = 0; sent < 32; sent += 1) await wire.send(chunk)
    expect(await wire.received(3000)).toMatch(/^HTTP\/1\.1 404 |^$/)
    expect((await registry().ask('GET', '/v2/')).status).toBe(200)
  })
})

describe('many at once', () => {
  it('cut uploads go when they are cancelled', async () => {
    const clients = Array.from({ length: 40 }, async (_, i) => {
      const location = await startUpload()
      await using wire = await openWire(registry().origin)
      await wire.send(head('PATCH', location, 'Content-Length: 1000000'))
      await wire.send(randomBytes(1 + i * 5000))
      await wait(i % 7)
      await wire.cut()
      return location
    })
    const locations = await Promise.all(clients)
    await wait(500)
    for (const location of locations) expect((await registry().ask('DELETE', location)).status).toBe(204)
    const [row] = await registry().query<{ count: number }>('select count(*)::int as count from upload')
    expect(row?.count).toBe(0)
  })
})

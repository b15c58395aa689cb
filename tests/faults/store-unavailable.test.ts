import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type Answer, errorOf } from '../../server/test/client.ts'
import { blobOf, pushBlob, pushImage, putManifest } from '../../server/test/content.ts'
import { canMount, serverWithStoreOf } from './mounted-store.ts'

const withMount = it.skipIf(!canMount)
const why = canMount ? '' : ' (needs root, or user namespaces)'

function expectUnavailable(answer: Answer, what: string): void {
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBe('5')
  expect(errorOf(answer)).toEqual({ code: 'UNAVAILABLE', message: `${what}; try again in a few seconds` })
}

withMount(
  `a full store is 503 with the reason, and takes pushes again when there is room${why}`,
  { timeout: 60_000 },
  async () => {
    await using store = await serverWithStoreOf('4m')
    const { server } = store
    const image = await pushImage(server, 'library/app', 'v1')
    const blob = blobOf(randomBytes(900_000))
    const small = blobOf(randomBytes(500_000))
    const uploads = '/v2/library/app/blobs/uploads/'
    for (let i = 0; i < 6; i += 1) {
      const { digest, bytes } = blobOf(randomBytes(800_000))
      const answer = await server.ask('POST', `${uploads}?digest=${digest}`, { body: bytes })
      if (answer.status !== 201) expectUnavailable(answer, 'the blob store is full')
    }
    expectUnavailable(
      await server.ask('POST', `${uploads}?digest=${blob.digest}`, { body: blob.bytes }),
      'the blob store is full',
    )
    const head = await server.ask('HEAD', `/v2/library/app/blobs/${blob.digest}`)
    expect(head.status).toBe(404)
    expect((await server.ask('GET', '/v2/library/app/manifests/v1')).bytes.equals(image.bytes)).toBe(true)
    store.remount('size=64m')
    for (const each of [blob, small]) {
      await pushBlob(server, 'library/app', each)
      const got = await server.ask('GET', `/v2/library/app/blobs/${each.digest}`)
      expect(got.bytes.equals(each.bytes)).toBe(true)
    }
  },
)

withMount(`an upload that met a full store goes on where it stood${why}`, { timeout: 60_000 }, async () => {
  await using store = await serverWithStoreOf('2m')
  const { server } = store
  const bytes = randomBytes(3_000_000)
  const location = (await server.ask('POST', '/v2/library/app/blobs/uploads/')).headers.location ?? ''
  const first = bytes.subarray(0, 700_000)
  expect((await server.ask('PATCH', location, { body: first })).status).toBe(202)
  const refused = await server.ask('PATCH', location, { body: [bytes.subarray(700_000)] })
  expect(refused.status).toBe(503)
  store.remount('size=64m')
  const range = (await server.ask('GET', location)).headers['range']
  expect(range).toBe('0-699999')
  expect((await server.ask('PATCH', location, { body: bytes.subarray(700_000) })).status).toBe(202)
  const { digest } = blobOf(bytes)
  expect((await server.ask('PUT', `${location}?digest=${digest}`)).status).toBe(201)
  expect((await server.ask('GET', `/v2/library/app/blobs/${digest}`)).bytes.equals(bytes)).toBe(true)
})

withMount(`a read-only store is 503 for pushes and serves pulls${why}`, { timeout: 60_000 }, async () => {
  await using store = await serverWithStoreOf('16m')
  const { server } = store
  const image = await pushImage(server, 'library/app', 'v1')
  const [layer] = image.layers
  const blob = blobOf()
  store.remount('ro')
  const answer = await server.ask('POST', `/v2/library/app/blobs/uploads/?digest=${blob.digest}`, { body: blob.bytes })
  expectUnavailable(answer, 'the blob store is read-only')
  const changed = Buffer.concat([image.bytes, Buffer.from('\n')])
  expectUnavailable(await putManifest(server, 'library/app', 'v2', changed), 'the blob store is read-only')
  expect((await server.ask('HEAD', '/v2/library/app/manifests/v2')).status).toBe(404)
  const got = await server.ask('GET', `/v2/library/app/blobs/${layer?.digest}`)
  expect(got.bytes.equals(layer?.bytes ?? Buffer.alloc(0))).toBe(true)
  store.remount('rw')
  await pushBlob(server, 'library/app', blob)
  expect((await putManifest(server, 'library/app', 'v2', changed)).status).toBe(201)
})

withMount(`a full store is 503 for a large blob too${why}`, { timeout: 60_000 }, async () => {
  await using store = await serverWithStoreOf('2m')
  const { digest, bytes } = blobOf(randomBytes(5 << 20))
  const answer = await store.server.ask('POST', `/v2/library/app/blobs/uploads/?digest=${digest}`, { body: bytes })
  expectUnavailable(answer, 'the blob store is full')
})

import { randomBytes, randomUUID } from 'node:crypto'
import { digestOf } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { createProject } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { blobOf } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { openWire } from '../wire.ts'
import { storedUploads } from './store-folder.ts'

const registry = sharedRegistry({ BREAKWATER_LIMITS_BLOB_BYTES: '4MiB' })
const uploads = '/v2/library/app/blobs/uploads/'

async function start(): Promise<string> {
  const answer = await registry().ask('POST', uploads)
  expect(answer.status).toBe(202)
  const id = answer.headers['docker-upload-uuid']
  expect(answer.headers).toMatchObject({ location: `${uploads}${id}`, range: '0-0', 'content-length': '0' })
  return `${uploads}${id}`
}

const got = (digest: string) => registry().ask('GET', `/v2/library/app/blobs/${digest}`)

describe('a blob', () => {
  it('comes in chunks', async () => {
    const location = await start()
    const parts = [randomBytes(100), randomBytes(50), randomBytes(1)]
    let offset = 0
    for (const body of parts) {
      const headers = { 'content-range': `${offset}-${offset + body.length - 1}` }
      const answer = await registry().ask('PATCH', location, { body, headers })
      offset += body.length
      expect(answer.status).toBe(202)
      expect(answer.headers).toMatchObject({ location, range: `0-${offset - 1}` })
      const status = await registry().ask('GET', location)
      expect(status.status).toBe(204)
      expect(status.headers).toMatchObject({ location, range: `0-${offset - 1}` })
    }
    const blob = blobOf(Buffer.concat(parts))
    const put = await registry().ask('PUT', `${location}?digest=${blob.digest}`)
    expect(put.status).toBe(201)
    expect(put.headers).toMatchObject({
      location: `/v2/library/app/blobs/${blob.digest}`,
      'docker-content-digest': blob.digest,
    })
    expect((await got(blob.digest)).bytes.equals(blob.bytes)).toBe(true)
    expect((await registry().ask('GET', location)).status).toBe(404)
    expect(await storedUploads(registry())).toEqual([])
  })

  it.each([
    ['in one PATCH and PUT', randomBytes(3 << 20), undefined],
    ['with the last chunk in PUT', randomBytes(100), randomBytes(100)],
    ['wholly in PUT', undefined, randomBytes(100)],
    ['empty', undefined, undefined],
  ])('comes %s', async (_, patch, put) => {
    const location = await start()
    if (patch) expect((await registry().ask('PATCH', location, { body: patch })).status).toBe(202)
    const blob = blobOf(Buffer.concat([patch ?? Buffer.alloc(0), put ?? Buffer.alloc(0)]))
    const answer = await registry().ask('PUT', `${location}?digest=${blob.digest}`, put ? { body: put } : {})
    expect(answer.status).toBe(201)
    expect((await got(blob.digest)).bytes.equals(blob.bytes)).toBe(true)
  })

  it('comes without a length', async () => {
    const location = await start()
    const parts = [randomBytes(10), randomBytes(2 << 20), randomBytes(10)]
    expect((await registry().ask('PATCH', location, { body: parts })).headers['range']).toBe(`0-${(2 << 20) + 19}`)
    const blob = blobOf(Buffer.concat(parts))
    expect((await registry().ask('PUT', `${location}?digest=${blob.digest}`)).status).toBe(201)
  })

  it('comes with its sha512', async () => {
    const body = randomBytes(100_000)
    const digest = digestOf(body, 'sha512')
    const location = await start()
    await registry().ask('PATCH', location, { body: body.subarray(0, 70_000) })
    const answer = await registry().ask('PUT', `${location}?digest=${digest}`, { body: body.subarray(70_000) })
    expect(answer.status).toBe(201)
    expect((await got(digest)).bytes.equals(body)).toBe(true)
    expect((await registry().ask('POST', `${uploads}?digest=${digest}`, { body })).status).toBe(201)
  })

  it('goes on where the connection broke', async () => {
    const location = await start()
    const bytes = randomBytes(200_000)
    {
      await using wire = await openWire(registry().origin)
      await wire.send(
        `PATCH ${location} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\nContent-Length: 200000\r\n\r\n`,
      )
      await wire.send(bytes.subarray(0, 120_000))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const kept = async () =>
      Number((await registry().ask('GET', location)).headers['range']?.toString().split('-')[1]) + 1
    await expect.poll(kept).toBeGreaterThan(1)
    const offset = await kept()
    const headers = { 'content-range': `${offset}-${bytes.length - 1}` }
    expect((await registry().ask('PATCH', location, { body: bytes.subarray(offset), headers })).status).toBe(202)
    const { digest } = blobOf(bytes)
    expect((await registry().ask('PUT', `${location}?digest=${digest}`)).status).toBe(201)
    expect((await got(digest)).bytes.equals(bytes)).toBe(true)
  })
})

describe('an upload', () => {
  it.each(['5-9', '1-1', '100-199'])('that stands at 3 takes no chunk %s', async (range) => {
    const location = await start()
    await registry().ask('PATCH', location, { body: 'abc' })
    const [first = 0, last = 0] = range.split('-').map(Number)
    const body = randomBytes(last - first + 1)
    const answer = await registry().ask('PATCH', location, { body, headers: { 'content-range': range } })
    expect(answer.status).toBe(416)
    expect(answer.headers['range']).toBe('0-2')
    expect(errorOf(answer)).toEqual({
      code: 'RANGE_INVALID',
      message: `the upload stands at 3; the chunk begins at ${first}`,
    })
    expect((await registry().ask('GET', location)).headers['range']).toBe('0-2')
  })

  it.each(['x', '3-1', '-1', '0-', '0-99999999999999999999', 'bytes 0-1'])(
    'takes no Content-Range %j',
    async (range) => {
      const location = await start()
      const answer = await registry().ask('PATCH', location, { body: 'ab', headers: { 'content-range': range } })
      expect(answer.status).toBe(416)
      expect(errorOf(answer)).toMatchObject({ code: 'RANGE_INVALID', detail: range })
    },
  )

  it('takes no Content-Range of another length', async () => {
    const location = await start()
    const answer = await registry().ask('PATCH', location, { body: 'abc', headers: { 'content-range': '0-9' } })
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toMatchObject({ code: 'SIZE_INVALID' })
  })

  it('ends with a digest that is not that of its content', async () => {
    const location = await start()
    const provided = blobOf('other').digest
    await registry().ask('PATCH', location, { body: 'abc' })
    const answer = await registry().ask('PUT', `${location}?digest=${provided}`)
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toEqual({
      code: 'DIGEST_INVALID',
      message: 'provided digest did not match uploaded content',
      detail: { provided, computed: blobOf('abc').digest, size: 3 },
    })
    expect((await registry().ask('GET', location)).status).toBe(404)
    expect((await got(provided)).status).toBe(404)
    expect(await storedUploads(registry())).toEqual([])
  })

  it.each(['', '?digest=', '?digest=sha256:zz', `?digest=md5:${'0'.repeat(32)}`])(
    'is not closed by PUT %s, and goes on',
    async (query) => {
      const location = await start()
      await registry().ask('PATCH', location, { body: 'abc' })
      const answer = await registry().ask('PUT', `${location}${query}`)
      expect(answer.status).toBe(400)
      expect(errorOf(answer).code).toBe('DIGEST_INVALID')
      expect((await registry().ask('PUT', `${location}?digest=${blobOf('abc').digest}`)).status).toBe(201)
    },
  )

  it('is gone when cancelled', async () => {
    const location = await start()
    await registry().ask('PATCH', location, { body: randomBytes(1000) })
    expect((await registry().ask('DELETE', location)).status).toBe(204)
    for (const [method, query] of [
      ['GET', ''],
      ['PATCH', ''],
      ['PUT', `?digest=${blobOf('').digest}`],
      ['DELETE', ''],
    ] as const) {
      const answer = await registry().ask(method, `${location}${query}`)
      expect(answer.status).toBe(404)
      expect(errorOf(answer)).toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN', message: 'blob upload unknown to registry' })
    }
    expect(await storedUploads(registry())).toEqual([])
  })

  it('belongs to its repository', async () => {
    await createProject(registry(), 'other')
    await registry().ask('POST', '/v2/other/app/blobs/uploads/')
    const id = (await start()).split('/').at(-1)
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await registry().ask(method, `/v2/other/app/blobs/uploads/${id}`)).status).toBe(404)
    }
  })

  it.each(['nosuch', randomUUID(), '../../../../etc/passwd', '%2e%2e', `${randomUUID()}%00`])(
    'does not exist under the id %s',
    async (id) => {
      const answer = await registry().ask('PATCH', `${uploads}${id}`, { body: 'x' })
      expect(answer.status).toBeOneOf([400, 404])
      expect(errorOf(answer).code).toBeOneOf(['BLOB_UPLOAD_UNKNOWN', 'NOT_FOUND', 'NAME_INVALID', 'METHOD_NOT_ALLOWED'])
    },
  )

  it('takes no more than a blob may have, announced or not', async () => {
    const body = randomBytes((4 << 20) + 1)
    for (const sent of [body, [body.subarray(0, 2 << 20), body.subarray(2 << 20)]]) {
      const answer = await registry().ask('PATCH', await start(), { body: sent })
      expect(answer.status).toBe(413)
      expect(errorOf(answer)).toEqual({
        code: 'REQUEST_ENTITY_TOO_LARGE',
        message: 'a blob may have 4194304 bytes (limits.blobBytes)',
      })
    }
    const location = await start()
    await registry().ask('PATCH', location, { body: body.subarray(0, 4 << 20) })
    expect((await registry().ask('PATCH', location, { body: 'x' })).status).toBe(413)
  })
})

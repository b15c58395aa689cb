import { beforeAll, describe, expect, it } from 'vitest'
import { errorOf } from '../client.ts'
import { blobOf, type Image, pushBlob, pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const zeros = `sha256:${'0'.repeat(64)}`
const blob = blobOf('0123456789')
let image: Image

beforeAll(async () => {
  image = await pushImage(registry(), 'library/hello', 'v1')
  await pushBlob(registry(), 'library/hello', blob)
})

describe('manifests', () => {
  it.each(['v1', 'digest'])('come by %s', async (reference) => {
    const path = `/v2/library/hello/manifests/${reference === 'digest' ? image.digest : reference}`
    const answer = await registry().ask('GET', path)
    expect(answer.status).toBe(200)
    expect(answer.bytes.equals(image.bytes)).toBe(true)
    const headers = {
      'content-type': image.mediaType,
      'content-length': String(image.bytes.length),
      'docker-content-digest': image.digest,
      'docker-distribution-api-version': 'registry/2.0',
      etag: `"${image.digest}"`,
    }
    expect(answer.headers).toMatchObject(headers)
    const head = await registry().ask('HEAD', path)
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject(headers)
    expect(head.text).toBe('')
  })

  it('are not sent again to who has them', async () => {
    for (const known of [image.digest, `"${image.digest}"`]) {
      const headers = { 'if-none-match': known }
      const answer = await registry().ask('GET', '/v2/library/hello/manifests/v1', { headers })
      expect(answer.status).toBe(304)
      expect(answer.text).toBe('')
    }
  })

  it.each([
    ['library/hello', 'zzz', 'MANIFEST_UNKNOWN', 'artifact library/hello:zzz not found'],
    ['library/hello', zeros, 'MANIFEST_UNKNOWN', `artifact library/hello@${zeros} not found`],
    ['library/none', 'v1', 'NAME_UNKNOWN', 'repository library/none not found'],
  ])('of %s:%s are not there', async (name, reference, code, message) => {
    const answer = await registry().ask('GET', `/v2/${name}/manifests/${reference}`)
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toMatchObject({ code, message })
    const head = await registry().ask('HEAD', `/v2/${name}/manifests/${reference}`)
    expect(head.status).toBe(404)
    expect(head.headers['content-length']).toBe(answer.headers['content-length'])
  })

  it.each([
    ['sha256:zz', 'DIGEST_INVALID'],
    [`sha256:${'A'.repeat(64)}`, 'DIGEST_INVALID'],
    [`md5:${'0'.repeat(32)}`, 'DIGEST_INVALID'],
    ['.v1', 'MANIFEST_INVALID'],
    ['x'.repeat(129), 'MANIFEST_INVALID'],
  ])('have no reference %s', async (reference, code) => {
    const answer = await registry().ask('GET', `/v2/library/hello/manifests/${reference}`)
    expect(answer.status).toBe(400)
    expect(errorOf(answer).code).toBe(code)
  })

  it('are not served as blobs', async () => {
    const answer = await registry().ask('GET', `/v2/library/hello/blobs/${image.digest}`)
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toEqual({
      code: 'BLOB_UNKNOWN',
      message: 'blob unknown to registry',
      detail: image.digest,
    })
  })
})

describe('blobs', () => {
  const path = `/v2/library/hello/blobs/${blob.digest}`
  const headers = {
    'accept-ranges': 'bytes',
    'cache-control': 'max-age=31536000',
    'content-type': 'application/octet-stream',
    'docker-content-digest': blob.digest,
    etag: `"${blob.digest}"`,
  }

  it('come whole', async () => {
    const answer = await registry().ask('GET', path)
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('0123456789')
    expect(answer.headers).toMatchObject({ ...headers, 'content-length': '10' })
    const head = await registry().ask('HEAD', path)
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject({ ...headers, 'content-length': '10' })
  })

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-4', '4', 'bytes 4-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=0-99999', '0123456789', 'bytes 0-9/10'],
  ])('come in the part %s', async (range, text, contentRange) => {
    const answer = await registry().ask('GET', path, { headers: { range } })
    expect(answer.status).toBe(206)
    expect(answer.text).toBe(text)
    expect(answer.headers).toMatchObject({
      ...headers,
      'content-range': contentRange,
      'content-length': String(text.length),
    })
  })

  it.each(['lines=0-1', 'bytes=0-1,4-5', 'bytes=x-y', 'bytes', ''])(
    'come whole for the range %j, which says nothing',
    async (range) => {
      const answer = await registry().ask('GET', path, { headers: { range } })
      expect(answer.status).toBe(200)
      expect(answer.text).toBe('0123456789')
    },
  )

  it.each(['bytes=10-', 'bytes=9-4', 'bytes=999999999999999999999-', 'bytes=-0'])('have no part %s', async (range) => {
    const answer = await registry().ask('GET', path, { headers: { range } })
    expect(answer.status).toBe(416)
    expect(answer.headers['content-range']).toBe('bytes */10')
    expect(errorOf(answer).code).toBe('RANGE_INVALID')
  })

  it('are not sent again to who has them', async () => {
    const answer = await registry().ask('GET', path, { headers: { 'if-none-match': `"${blob.digest}"` } })
    expect(answer.status).toBe(304)
  })

  it('may be empty', async () => {
    const empty = blobOf('')
    await pushBlob(registry(), 'library/hello', empty)
    const answer = await registry().ask('GET', `/v2/library/hello/blobs/${empty.digest}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-length']).toBe('0')
  })

  it.each(['library/hello', 'library/none'])('of %s that are not there', async (name) => {
    const answer = await registry().ask('GET', `/v2/${name}/blobs/${zeros}`)
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toEqual({ code: 'BLOB_UNKNOWN', message: 'blob unknown to registry', detail: zeros })
    expect((await registry().ask('HEAD', `/v2/${name}/blobs/${zeros}`)).status).toBe(404)
  })
})

import { mediaType } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../client.ts'
import { blobOf, indexManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const status = async (method: string, path: string) => (await registry().ask(method, `/v2/library/app/${path}`)).status

describe('a manifest', () => {
  it('loses only the tag that is deleted', async () => {
    const image = await pushImage(registry(), 'library/app', 'one')
    await mustPutManifest(registry(), 'library/app', 'two', image.bytes)
    expect(await status('DELETE', 'manifests/one')).toBe(202)
    expect(await status('GET', 'manifests/one')).toBe(404)
    expect(await status('GET', 'manifests/two')).toBe(200)
    expect(await status('GET', `manifests/${image.digest}`)).toBe(200)
  })

  it('goes with its tags by digest, and can be pushed again', async () => {
    const image = await pushImage(registry(), 'library/app', 'three')
    expect(await status('DELETE', `manifests/${image.digest}`)).toBe(202)
    for (const reference of ['three', image.digest]) expect(await status('GET', `manifests/${reference}`)).toBe(404)
    await mustPutManifest(registry(), 'library/app', 'three', image.bytes)
    expect(await status('GET', 'manifests/three')).toBe(200)
  })

  it('stays in other repositories', async () => {
    const image = await pushImage(registry(), 'library/app', 'shared')
    for (const blob of [image.config, ...image.layers]) await pushBlob(registry(), 'library/other', blob)
    await mustPutManifest(registry(), 'library/other', 'shared', image.bytes)
    expect(await status('DELETE', `manifests/${image.digest}`)).toBe(202)
    expect((await registry().ask('GET', '/v2/library/other/manifests/shared')).status).toBe(200)
  })

  it('stays while an index lists it', async () => {
    const child = await pushImage(registry(), 'library/app')
    const index = blobOf(indexManifest([child]))
    await mustPutManifest(registry(), 'library/app', 'multi', index.bytes, mediaType.ociIndex)
    const refused = await registry().ask('DELETE', `/v2/library/app/manifests/${child.digest}`)
    expect(refused.status).toBe(412)
    expect(errorOf(refused)).toEqual({ code: 'PRECONDITION', message: 'the deleting artifact is referenced by others' })
    expect(await status('DELETE', `manifests/${index.digest}`)).toBe(202)
    expect(await status('GET', `manifests/${child.digest}`)).toBe(200)
    expect(await status('DELETE', `manifests/${child.digest}`)).toBe(202)
  })

  it('that refers to another leaves its list', async () => {
    const subject = await pushImage(registry(), 'library/app')
    const { mediaType: type, digest, bytes } = subject
    const extra = { artifactType: 'a/b', subject: { mediaType: type, digest, size: bytes.length } }
    const referrer = await pushImage(registry(), 'library/app', undefined, extra)
    const count = async () => {
      const answer = await registry().ask('GET', `/v2/library/app/referrers/${digest}`)
      return answer.headers['x-total-count']
    }
    expect(await count()).toBe('1')
    expect(await status('DELETE', `manifests/${referrer.digest}`)).toBe(202)
    expect(await count()).toBe('0')
  })

  it.each(['nosuch', blobOf('nosuch').digest])('%s that is not there', async (reference) => {
    const answer = await registry().ask('DELETE', `/v2/library/app/manifests/${reference}`)
    expect(answer.status).toBe(404)
    expect(errorOf(answer).code).toBe('MANIFEST_UNKNOWN')
  })
})

describe('a blob', () => {
  it('goes when no manifest needs it', async () => {
    const blob = blobOf()
    await pushBlob(registry(), 'library/app', blob)
    expect(await status('DELETE', `blobs/${blob.digest}`)).toBe(202)
    expect(await status('GET', `blobs/${blob.digest}`)).toBe(404)
    expect(await status('DELETE', `blobs/${blob.digest}`)).toBe(404)
    await pushBlob(registry(), 'library/app', blob)
    expect(await status('GET', `blobs/${blob.digest}`)).toBe(200)
  })

  it('stays while a manifest needs it', async () => {
    const image = await pushImage(registry(), 'library/app', 'needs')
    for (const { digest } of [image.config, ...image.layers]) {
      const answer = await registry().ask('DELETE', `/v2/library/app/blobs/${digest}`)
      expect(answer.status).toBe(412)
      expect(errorOf(answer)).toEqual({
        code: 'PRECONDITION',
        message: 'a manifest of library/app needs this blob: delete the manifest first',
        detail: digest,
      })
      expect(await status('GET', `blobs/${digest}`)).toBe(200)
    }
    await status('DELETE', `manifests/${image.digest}`)
    expect(await status('DELETE', `blobs/${image.config.digest}`)).toBe(202)
  })
})

describe('a push and a deletion at once', () => {
  it('leave no manifest without its blob', async () => {
    for (let round = 0; round < 15; round += 1) {
      const image = await pushImage(registry(), 'library/race', 'v1')
      await registry().ask('DELETE', `/v2/library/race/manifests/${image.digest}`)
      const [layer] = image.layers
      const headers = { 'content-type': image.mediaType }
      const [put, removed] = await Promise.all([
        registry().ask('PUT', '/v2/library/race/manifests/v1', { body: image.bytes, headers }),
        registry().ask('DELETE', `/v2/library/race/blobs/${layer?.digest}`),
      ])
      expect([put.status, removed.status]).toBeOneOf([
        [201, 412],
        [400, 202],
      ])
    }
  })

  it('leave no index without its child', async () => {
    for (let round = 0; round < 15; round += 1) {
      const child = await pushImage(registry(), 'library/race')
      const body = indexManifest([child])
      const headers = { 'content-type': mediaType.ociIndex }
      const [put, removed] = await Promise.all([
        registry().ask('PUT', '/v2/library/race/manifests/multi', { body, headers }),
        registry().ask('DELETE', `/v2/library/race/manifests/${child.digest}`),
      ])
      expect([put.status, removed.status]).toBeOneOf([
        [201, 412],
        [400, 202],
      ])
    }
  })
})

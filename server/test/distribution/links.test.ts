import { mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser, tokenFor } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { blobOf, type Image, imageManifest, indexManifest, pushBlob, pushImage, putManifest } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

/** gate.md G3: a digest that another repository has is no way to its content. */
const registry = sharedRegistry()
let image: Image
let user: TestUser

beforeAll(async () => {
  await createProject(registry(), 'secret')
  await createProject(registry(), 'own')
  await createProject(registry(), 'open', true)
  image = await pushImage(registry(), 'secret/app', 'v1')
  user = await createUser(registry())
  await addMember(registry(), 'own', user, 'developer')
})

const layerOf = ({ layers: [layer] }: Image) => layer ?? blobOf()
const mount = (query: string, to = 'own/app', auth = user.auth) =>
  registry().ask('POST', `/v2/${to}/blobs/uploads/?${query}`, { auth })

describe('content of another repository', () => {
  it('is not there', async () => {
    const layer = layerOf(image)
    for (const path of [`blobs/${layer.digest}`, `manifests/${image.digest}`]) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await registry().ask(method, `/v2/own/app/${path}`, { auth: user.auth })
        expect(answer.status).toBe(404)
      }
    }
  })

  it('is nothing that a manifest may name', async () => {
    const [config, layer] = [image.config, layerOf(image)]
    const own = {
      ask: (...[method, path, ask]: Parameters<ReturnType<typeof registry>['ask']>) =>
        registry().ask(method, path, { auth: user.auth, ...ask }),
    }
    await pushBlob(own, 'own/app', config)
    const refused = await putManifest(own, 'own/app', 'stolen', imageManifest(config, [layer]))
    expect(refused.status).toBe(400)
    expect(errorOf(refused)).toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN', detail: layer.digest })
    const index = await putManifest(own, 'own/app', 'stolen', indexManifest([image]), mediaType.ociIndex)
    expect(errorOf(index)).toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN', detail: image.digest })
  })
})

describe('a mount', () => {
  it('links what the caller may pull', async () => {
    const blob = blobOf()
    await pushBlob(registry(), 'open/app', blob)
    const answer = await mount(`mount=${blob.digest}&from=open/app`)
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({
      location: `/v2/own/app/blobs/${blob.digest}`,
      'docker-content-digest': blob.digest,
    })
    const got = await registry().ask('GET', `/v2/own/app/blobs/${blob.digest}`, { auth: user.auth })
    expect(got.bytes.equals(blob.bytes)).toBe(true)
  })

  it('links with a token that names only the target', async () => {
    const blob = blobOf()
    await pushBlob(registry(), 'open/app', blob)
    const token = await tokenFor(registry(), user.auth, 'repository:own/app:pull,push')
    expect((await mount(`mount=${blob.digest}&from=open/app`, 'own/app', token)).status).toBe(201)
  })

  it('without a source searches only what the caller may pull', async () => {
    const [hidden, open] = [layerOf(image), blobOf()]
    await pushBlob(registry(), 'open/app', open)
    expect((await mount(`mount=${hidden.digest}`)).status).toBe(202)
    expect((await mount(`mount=${open.digest}`)).status).toBe(201)
    expect((await registry().ask('HEAD', `/v2/own/app/blobs/${hidden.digest}`, { auth: user.auth })).status).toBe(404)
  })

  it.each([
    ['a source that the caller may not pull', () => `mount=${layerOf(image).digest}&from=secret/app`],
    ['an unknown source', () => `mount=${layerOf(image).digest}&from=nosuch/app`],
    ['a source that has it not', () => `mount=${blobOf().digest}&from=open/app`],
    ['a malformed source', () => `mount=${layerOf(image).digest}&from=BAD//`],
  ])('from %s becomes an upload', async (_, query) => {
    const answer = await mount(query())
    expect(answer.status).toBe(202)
    const id = answer.headers['docker-upload-uuid']
    expect(answer.headers).toMatchObject({ location: `/v2/own/app/blobs/uploads/${id}`, range: '0-0' })
  })

  it('of a malformed digest is refused', async () => {
    const answer = await mount('mount=sha256:zz&from=open/app')
    expect(answer.status).toBe(400)
    expect(errorOf(answer).code).toBe('DIGEST_INVALID')
  })

  it('keeps the blob when the source loses it', async () => {
    const blob = blobOf()
    await pushBlob(registry(), 'open/app', blob)
    await mount(`mount=${blob.digest}&from=open/app`)
    expect((await registry().ask('DELETE', `/v2/open/app/blobs/${blob.digest}`)).status).toBe(202)
    expect((await registry().ask('GET', `/v2/open/app/blobs/${blob.digest}`)).status).toBe(404)
    expect((await registry().ask('GET', `/v2/own/app/blobs/${blob.digest}`)).bytes.equals(blob.bytes)).toBe(true)
  })
})

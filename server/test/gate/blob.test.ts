import { randomBytes } from 'node:crypto'
import { type Digest, mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { addMember, createProject, createUser, type TestUser, tokenFor } from '../accounts.ts'
import {
  blobOf,
  configBlob,
  descriptor,
  type Image,
  imageManifest,
  indexManifest,
  mustPutManifest,
  pushBlob,
} from '../content.ts'
import { caller } from '../harbor-api/call.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { critical, gatedProject, pushScanned, setMetadata, told, writeDatabase, writeScan } from './stage.ts'

/** gate.md G3: blobs, mounts, and copies. */
const registry = sharedRegistry()
const call = caller(registry)
let reader: TestUser
let good: Image
let bad: Image

beforeAll(async () => {
  await writeDatabase(registry())
  await gatedProject(registry(), 'production')
  await createProject(registry(), 'open')
  reader = await createUser(registry(), 'reader')
  for (const project of ['production', 'open']) await addMember(registry(), project, reader, 'developer')
  good = await pushScanned(registry(), 'production/app', 'good')
  bad = await pushScanned(registry(), 'production/app', 'bad', [critical])
})

const layerOf = ({ layers }: Image) => (layers[0] as Image['layers'][number]).digest
const blob = (method: string, digest: Digest, repository = 'production/app', auth: string = reader.auth) =>
  registry().ask(method, `/v2/${repository}/blobs/${digest}`, { auth })
const mount = (digest: Digest, from: string | undefined, to = 'open/taken') =>
  registry().ask('POST', `/v2/${to}/blobs/uploads/?mount=${digest}${from ? `&from=${from}` : ''}`, {
    auth: reader.auth,
  })

describe('GET of a blob', () => {
  it('of an allowed image: config and layers', async () => {
    expect((await blob('GET', layerOf(good))).status).toBe(200)
    expect((await blob('GET', good.config.digest)).bytes).toEqual(good.config.bytes)
  })

  it("of a refused image is refused with the image's reason, the uploader included", async () => {
    for (const digest of [layerOf(bad), bad.config.digest]) {
      for (const auth of [reader.auth, admin]) {
        expect(told(await blob('GET', digest, 'production/app', auth))).toMatchObject({
          status: 403,
          code: 'DENIED',
          message: expect.stringContaining('current image with 1 critical vulnerability cannot be pulled'),
        })
      }
    }
  })

  it('of a refused image is refused in parts and behind an ETag, too', async () => {
    const path = `/v2/production/app/blobs/${layerOf(bad)}`
    const ask = (headers: Record<string, string>) => registry().ask('GET', path, { auth: reader.auth, headers })
    expect((await ask({ range: 'bytes=0-1' })).status).toBe(403)
    expect((await ask({ 'if-none-match': `"${layerOf(bad)}"` })).status).toBe(403)
  })

  it('that no manifest needs is refused', async () => {
    const lonely = blobOf()
    await pushBlob(registry(), 'production/app', lonely)
    expect(told(await blob('GET', lonely.digest, 'production/app', admin))).toMatchObject({
      status: 403,
      message: expect.stringContaining('belongs to no image of production/app'),
    })
    expect((await blob('HEAD', lonely.digest)).status).toBe(200)
  })

  it('that an allowed image needs too is served', async () => {
    const shared = blobOf()
    await pushBlob(registry(), 'production/shared', shared)
    const push = async (tag: string, findings = [critical]) => {
      const config = configBlob()
      await pushBlob(registry(), 'production/shared', config)
      const manifest = blobOf(imageManifest(config, [shared]))
      await mustPutManifest(registry(), 'production/shared', tag, manifest.bytes)
      await writeScan(registry(), manifest.digest, findings)
      return manifest.digest
    }
    await push('bad')
    expect((await blob('GET', shared.digest, 'production/shared')).status).toBe(403)
    const served = await push('good', [])
    expect((await blob('GET', shared.digest, 'production/shared')).status).toBe(200)
    // When that one is deleted, nobody is served for its sake any more.
    expect((await registry().ask('DELETE', `/v2/production/shared/manifests/${served}`)).status).toBe(202)
    expect((await blob('GET', shared.digest, 'production/shared')).status).toBe(403)
  })

  it('follows the verdict when it changes', async () => {
    const image = await pushScanned(registry(), 'production/turns', 'v1')
    const get = () => blob('GET', layerOf(image), 'production/turns')
    expect((await get()).status).toBe(200)
    await writeScan(registry(), image.digest, [critical])
    expect((await get()).status).toBe(403)
    await writeScan(registry(), image.digest, [])
    expect((await get()).status).toBe(200)
  })

  it('through another repository of the same project is refused where that has no such image', async () => {
    expect((await mount(layerOf(good), 'production/app', 'production/other')).status).toBe(201)
    expect((await blob('GET', layerOf(good), 'production/other')).status).toBe(403)
  })

  it('is not for manifests, which containerd asks /blobs/ for where /manifests/ has none', async () => {
    const hidden = blobOf(indexManifest([bad], { annotations: { n: randomBytes(4).toString('hex') } }))
    const config = configBlob()
    for (const one of [hidden, config]) await pushBlob(registry(), 'production/hidden', one)
    const carrier = blobOf(imageManifest(config, [hidden]))
    await mustPutManifest(registry(), 'production/hidden', 'carrier', carrier.bytes)
    await writeScan(registry(), carrier.digest, [], { class: 'data' })
    expect((await registry().ask('GET', '/v2/production/hidden/manifests/carrier')).status).toBe(200)
    expect((await blob('GET', hidden.digest, 'production/hidden', admin)).status).toBe(403)
    expect((await blob('GET', config.digest, 'production/hidden', admin)).status).toBe(200)
  })
})

test('HEAD of a blob is 200 if it is there and 404 if not, never 403', async () => {
  expect((await blob('HEAD', layerOf(bad))).status).toBe(200)
  expect((await blob('HEAD', blobOf().digest)).status).toBe(404)
  const stranger = await createUser(registry(), 'stranger')
  expect((await blob('HEAD', layerOf(bad), 'production/app', stranger.auth)).status).toBe(404)
})

describe('a mount', () => {
  it('from a gated repository takes what a GET would give', async () => {
    expect((await mount(layerOf(good), 'production/app')).status).toBe(201)
    const refused = await mount(layerOf(bad), 'production/app')
    expect([refused.status, refused.headers.location]).toEqual([202, expect.stringContaining('/uploads/')])
    expect((await blob('HEAD', layerOf(bad), 'open/taken')).status).toBe(404)
  })

  it('from anywhere, likewise', async () => {
    expect((await mount(layerOf(bad), undefined)).status).toBe(202)
    expect((await mount(layerOf(good), undefined, 'open/anywhere')).status).toBe(201)
  })

  it('of a blob that an open repository has, too, is taken from there', async () => {
    const both = await pushScanned(registry(), 'production/both', 'v1', [critical])
    const [layer] = both.layers
    if (!layer) throw new Error('no layer')
    expect((await mount(layer.digest, undefined)).status).toBe(202)
    await pushBlob(registry(), 'open/both', layer)
    expect((await mount(layer.digest, undefined)).status).toBe(201)
  })

  it('into a gated repository opens nothing there', async () => {
    await pushBlob(registry(), 'open/evil', bad.layers[0] ?? bad)
    expect((await mount(layerOf(bad), 'open/evil', 'production/fresh')).status).toBe(201)
    expect((await blob('GET', layerOf(bad), 'production/fresh')).status).toBe(403)
  })
})

test('the list of repositories that have a blob holds only those that it may be mounted from', async () => {
  const names = async (digest: Digest) => {
    const answer = await call('GET', `/repositories?q=blob_digest=${digest}&page_size=100`)
    return (JSON.parse(answer.text) as { name: string }[]).map(({ name }) => name)
  }
  const image = await pushScanned(registry(), 'production/listed', 'v1')
  expect((await blob('GET', layerOf(image), 'production/listed')).status).toBe(200)
  expect(await names(layerOf(image))).toEqual(['production/listed'])
  await writeScan(registry(), image.digest, [critical])
  expect(await names(layerOf(image))).toEqual([])
})

describe("a copy by Harbor's API", () => {
  const copy = (from: string, to = 'open') =>
    call('POST', `/projects/${to}/repositories/copied/artifacts?from=${encodeURIComponent(from)}`)

  it('of a refused image is refused with its reason, for administrators too', async () => {
    expect(told(await copy('production/app:bad'))).toMatchObject({
      status: 403,
      message: expect.stringContaining('1 critical vulnerability'),
    })
    expect((await blob('HEAD', layerOf(bad), 'open/copied')).status).toBe(404)
  })

  it('of an allowed one goes on', async () => {
    expect((await copy('production/app:good')).status).toBe(201)
  })

  it('of an index is refused for one child that is', async () => {
    await mustPutManifest(registry(), 'production/app', 'multi', indexManifest([good, bad]), mediaType.ociIndex)
    expect((await copy('production/app:multi')).status).toBe(403)
  })

  it('is refused for what is attached', async () => {
    const subject = await pushScanned(registry(), 'production/attached', 'clean')
    const config = configBlob()
    const layer = blobOf()
    for (const one of [config, layer]) await pushBlob(registry(), 'production/attached', one)
    const evil = blobOf(
      imageManifest(config, [layer], { subject: descriptor(mediaType.ociManifest, subject), artifactType: 'a/b' }),
    )
    await mustPutManifest(registry(), 'production/attached', evil.digest, evil.bytes)
    await writeScan(registry(), evil.digest, [critical])
    expect(told(await copy('production/attached:clean'))).toMatchObject({ status: 403 })
  })

  it('into a gated project is judged there, at the pull', async () => {
    const image = await pushScanned(registry(), 'open/source', 'v1', [critical])
    expect((await copy('open/source:v1', 'production')).status).toBe(201)
    expect((await registry().ask('GET', `/v2/production/copied/manifests/${image.digest}`)).status).toBe(403)
  })
})

it('a token for the blobs only is no way around', async () => {
  const token = await tokenFor(registry(), reader.auth, 'repository:production/app:pull')
  expect((await blob('GET', layerOf(bad), 'production/app', token)).status).toBe(403)
})

it('the gate is off again when the metadata say so', async () => {
  await setMetadata(registry(), 'production', { prevent_vul: 'false' })
  expect((await blob('GET', layerOf(bad))).status).toBe(200)
  await setMetadata(registry(), 'production', { prevent_vul: 'true' })
  expect((await blob('GET', layerOf(bad))).status).toBe(403)
})

import { type Digest, hexOf, mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { blobOf, descriptor, imageManifest, indexManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, refusalOf } from './call.ts'

const registry = sharedRegistry()
const call = caller(registry)
let developer: TestUser | undefined

beforeAll(async () => {
  for (const name of ['from', 'to', 'shut']) await createProject(registry(), name)
  developer = await createUser(registry())
  await addMember(registry(), 'from', developer, 'limitedGuest')
  await addMember(registry(), 'to', developer, 'developer')
  await pushImage(registry(), 'shut/app', 'v1')
})

const copy = (from: string, to = 'app', auth?: string) =>
  call('POST', `/projects/to/repositories/${to}/artifacts?from=${encodeURIComponent(from)}`, auth ? { auth } : {})
const pull = (repository: string, reference: string) =>
  registry().ask('GET', `/v2/${repository}/manifests/${reference}`)

describe('a copy', () => {
  it('has the tags, can be pulled whole, and is recorded', async () => {
    const image = await pushImage(registry(), 'from/app', 'v1')
    await mustPutManifest(registry(), 'from/app', 'stable', image.bytes)
    const answer = await copy('from/app:v1', 'nested%252Fapp', developer?.auth)
    expect(answer).toMatchObject({ status: 201, text: '' })
    expect(answer.headers.location).toBe('/api/v2.0/projects/to/repositories/nested%252Fapp/artifacts/v1')
    for (const reference of ['v1', 'stable', image.digest]) {
      expect((await pull('to/nested/app', reference)).text).toBe(image.bytes.toString())
    }
    for (const { digest, bytes } of [image.config, ...image.layers]) {
      expect((await registry().ask('GET', `/v2/to/nested/app/blobs/${digest}`)).bytes).toEqual(bytes)
    }
    const [row] = await registry().query(`select actor, object, detail from ledger where action = 'artifact.copy'`)
    expect(row).toEqual({
      actor: `user:${developer?.name}`,
      object: `to/nested/app@${image.digest}`,
      detail: { from: `from/app@${image.digest}`, tags: ['stable', 'v1'], artifacts: 1 },
    })
  })

  it('of an index has the children, which stay out of lists', async () => {
    const child = await pushImage(registry(), 'from/multi', 'child')
    const index = blobOf(indexManifest([child]))
    await mustPutManifest(registry(), 'from/multi', 'all', index.bytes, mediaType.ociIndex)
    for (const _ of [1, 2]) expect((await copy(`from/multi@${index.digest}`, 'multi')).status).toBe(201)
    expect((await pull('to/multi', child.digest)).status).toBe(200)
    expect((await pull('to/multi', 'child')).status).toBe(404)
    const listed = bodyOf<{ digest: Digest }[]>(await call('GET', '/projects/to/repositories/multi/artifacts'))
    expect(listed.map(({ digest }) => digest)).toEqual([index.digest])
    expect((await call('DELETE', `/projects/to/repositories/multi/artifacts/${child.digest}`)).status).toBe(412)
    expect((await call('DELETE', '/projects/to/repositories/multi/artifacts/all')).status).toBe(200)
    expect((await call('DELETE', `/projects/to/repositories/multi/artifacts/${child.digest}`)).status).toBe(200)
    expect((await pull('from/multi', 'all')).status).toBe(200)
  })

  it('has the accessories, a signature by its tag too', async () => {
    const image = await pushImage(registry(), 'from/signed', 'v1')
    const subject = descriptor(mediaType.ociManifest, image)
    const sbom = await pushImage(registry(), 'from/signed', undefined, { artifactType: 'a/b', subject })
    const layer = blobOf()
    await pushBlob(registry(), 'from/signed', layer)
    const layers = [descriptor('application/vnd.dev.cosign.simplesigning.v1+json', layer)]
    const signature = `sha256-${hexOf(image.digest)}.sig`
    await mustPutManifest(registry(), 'from/signed', signature, imageManifest(image.config, [], { layers }))
    expect((await copy('from/signed:v1', 'signed')).status).toBe(201)
    const accessories = bodyOf(await call('GET', '/projects/to/repositories/signed/artifacts/v1/accessories'))
    expect(accessories).toMatchObject([
      { digest: sbom.digest, type: 'subject.accessory', subject_artifact_repo: 'to/signed' },
      { type: 'signature.cosign' },
    ])
    expect((await pull('to/signed', signature)).status).toBe(200)
    expect(refusalOf(await copy(`from/signed@${sbom.digest}`))).toEqual([
      403,
      'DENIED',
      "the operation isn't supported for an artifact accessory",
    ])
  })

  it('moves a tag that is there', async () => {
    await pushImage(registry(), 'to/moved', 'v1')
    const image = await pushImage(registry(), 'from/moved', 'v1')
    expect((await copy('from/moved:v1', 'moved')).status).toBe(201)
    expect((await pull('to/moved', 'v1')).headers['docker-content-digest']).toBe(image.digest)
  })

  it('at once in both directions ends', async () => {
    await pushImage(registry(), 'from/both', 'a')
    await pushImage(registry(), 'to/both', 'b')
    const back = () => call('POST', '/projects/from/repositories/both/artifacts?from=to/both:b')
    const rounds = Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? copy('from/both:a', 'both') : back()))
    expect((await Promise.all(rounds)).map(({ status }) => status)).toEqual(rounds.map(() => 201))
  })
})

describe('a copy is refused', () => {
  it.each([
    ['from/app:nosuch', 404],
    ['from/nosuch:v1', 404],
    ['from/app', 400],
    ['app:v1', 400],
    ['from/app@v1', 400],
    [`from/app:${blobOf('x').digest}`, 400],
  ])('from %s', async (from, status) => {
    await pushImage(registry(), 'from/app', 'v1')
    expect((await copy(from)).status).toBe(status)
  })

  it('to those who may not read there, or write here', async () => {
    expect((await copy('shut/app:v1', 'stolen', developer?.auth)).status).toBe(403)
    expect((await copy('nosuch/app:v1', 'stolen', developer?.auth)).status).toBe(403)
    await pushImage(registry(), 'to/app', 'w1')
    const into = await call('POST', '/projects/from/repositories/app/artifacts?from=to/app:w1', {
      auth: developer?.auth,
    })
    expect(into.status).toBe(403)
    expect((await pull('to/stolen', 'v1')).status).toBe(404)
  })
})

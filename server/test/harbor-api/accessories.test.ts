import { type Digest, hexOf, mediaType } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import {
  type Blob,
  blobOf,
  configBlob,
  descriptor,
  type Image,
  imageManifest,
  indexManifest,
  mustPutManifest,
  pushBlob,
  pushImage,
} from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const artifacts = '/api/v2.0/projects/library/repositories/app/artifacts'

interface Accessory {
  readonly digest: Digest
  readonly type: string
}
interface Artifact {
  readonly id: number
  readonly digest: Digest
  readonly size: number
  readonly accessories: Accessory[] | null
}

async function get<T>(path: string): Promise<T> {
  const answer = await registry().ask('GET', `${artifacts}${path}`)
  expect(answer.status, answer.text).toBe(200)
  return JSON.parse(answer.text) as T
}

const accessoriesOf = (reference: string) => get<Accessory[]>(`/${reference}/accessories`)
const gone = async (digest: Digest) => (await registry().ask('GET', `${artifacts}/${digest}`)).status === 404

/** Pushes something that refers to `subject`. */
function pushReferrer(subject: Blob, artifactType: string, tag?: string): Promise<Image> {
  const extra = { artifactType, subject: descriptor(mediaType.ociManifest, subject) }
  return pushImage(registry(), 'library/app', tag, extra)
}

/** Pushes a signature as cosign 2 does: under a tag that names what is signed. */
async function pushSignature(signed: Digest): Promise<Blob & { config: Blob; layer: Blob }> {
  const [config, layer] = [configBlob(), blobOf()]
  for (const blob of [config, layer]) await pushBlob(registry(), 'library/app', blob)
  const layers = [descriptor('application/vnd.dev.cosign.simplesigning.v1+json', layer)]
  const manifest = blobOf(imageManifest(config, [], { layers }))
  await mustPutManifest(registry(), 'library/app', `sha256-${hexOf(signed)}.sig`, manifest.bytes)
  return { ...manifest, config, layer }
}

describe('what belongs to an artifact', () => {
  it('is known by its type, and told beside the artifact only', async () => {
    const image = await pushImage(registry(), 'library/app', 'typed')
    const types = [
      ['application/vnd.dev.cosign.artifact.sig.v1+json', 'signature.cosign'],
      ['application/vnd.dev.sigstore.bundle.v0.3+json', 'signature.cosign'],
      ['application/vnd.cncf.notary.signature', 'signature.notation'],
      ['application/vnd.goharbor.harbor.sbom.v1', 'sbom.harbor'],
      ['application/vnd.example', 'subject.accessory'],
    ] as const
    const pushed = []
    for (const [artifactType, type] of types)
      pushed.push({ type, digest: (await pushReferrer(image, artifactType)).digest })
    expect(await accessoriesOf('typed')).toMatchObject(pushed)
    const listed = await get<Artifact[]>('?page_size=100&with_accessory=true&q=tags%3Dtyped')
    expect(listed.map(({ digest }) => digest)).toEqual([image.digest])
    expect(listed[0]?.accessories).toMatchObject(pushed)
    expect((await get<Artifact>('/typed')).accessories).toBeNull()
    expect((await get<Artifact>('/typed?with_accessory=true')).accessories).toHaveLength(5)
    const all = await get<Artifact[]>('?page_size=100&q=base%3D*')
    for (const { digest } of pushed) expect(all.map((one) => one.digest)).not.toContain(digest)
  })

  it('is found by the tag that cosign gives a signature, in the referrers too', async () => {
    const image = await pushImage(registry(), 'library/app', 'signed')
    const signature = await pushSignature(image.digest)
    const subject = await get<Artifact>('/signed')
    const itself = await get<Artifact>(`/${signature.digest}`)
    expect(await accessoriesOf('signed')).toEqual([
      {
        id: expect.any(Number),
        artifact_id: itself.id,
        subject_artifact_id: subject.id,
        subject_artifact_digest: image.digest,
        subject_artifact_repo: 'library/app',
        size: signature.bytes.length + signature.config.bytes.length + signature.layer.bytes.length,
        digest: signature.digest,
        type: 'signature.cosign',
        icon: '',
        creation_time: expect.stringMatching(/^20.*Z$/),
      },
    ])
    const referrers = await registry().ask('GET', `/v2/library/app/referrers/${image.digest}`)
    expect(JSON.parse(referrers.text)).toMatchObject({ manifests: [{ digest: signature.digest }] })
  })

  it('needs more than the tag', async () => {
    const image = await pushImage(registry(), 'library/app', 'unsigned')
    const tag = `sha256-${hexOf(image.digest)}`
    const lookalikes = [
      await pushImage(registry(), 'library/app', `${tag}.sig`),
      await pushImage(registry(), 'library/app', `${tag}.att`),
    ]
    expect(await accessoriesOf('unsigned')).toEqual([])
    const listed = (await get<Artifact[]>('?page_size=100')).map(({ digest }) => digest)
    for (const { digest } of lookalikes) expect(listed).toContain(digest)
  })

  it('may come before its subject', async () => {
    const [config, layer] = [configBlob(), blobOf()]
    for (const blob of [config, layer]) await pushBlob(registry(), 'library/app', blob)
    const image = blobOf(imageManifest(config, [layer]))
    const early = await pushReferrer(image, 'application/vnd.example')
    await mustPutManifest(registry(), 'library/app', 'late', image.bytes)
    expect(await accessoriesOf('late')).toMatchObject([{ digest: early.digest }])
  })
})

describe('deleting an artifact', () => {
  it.each(['/v2/library/app/manifests', artifacts])(
    'by %s takes along what belongs to it, and to that',
    async (path) => {
      const image = await pushImage(registry(), 'library/app', 'owner')
      const sbom = await pushReferrer(image, 'application/vnd.goharbor.harbor.sbom.v1', 'named')
      const signature = await pushSignature(sbom.digest)
      const other = await pushReferrer(blobOf('elsewhere'), 'application/vnd.example')
      expect((await registry().ask('DELETE', `${path}/${image.digest}`)).status).toBeLessThan(300)
      for (const { digest } of [image, sbom, signature]) expect(await gone(digest)).toBe(true)
      expect(await gone(other.digest)).toBe(false)
      const tags = await registry().query('select from tag where digest = $1', [Buffer.from(hexOf(sbom.digest), 'hex')])
      expect(tags).toEqual([])
      const recorded = await registry().query<{ object: string }>('select object from ledger where action = $1', [
        'artifact.delete',
      ])
      const objects = recorded.map(({ object }) => object)
      for (const { digest } of [image, sbom, signature]) expect(objects).toContain(`library/app@${digest}`)
    },
  )

  it('leaves an accessory that an index lists', async () => {
    const image = await pushImage(registry(), 'library/app', 'indexed')
    const accessory = await pushReferrer(image, 'application/vnd.example')
    const index = blobOf(indexManifest([accessory]))
    await mustPutManifest(registry(), 'library/app', 'holder', index.bytes, mediaType.ociIndex)
    expect((await registry().ask('DELETE', `${artifacts}/indexed`)).status).toBe(200)
    expect(await gone(accessory.digest)).toBe(false)
  })

  it('of an accessory leaves its subject', async () => {
    const image = await pushImage(registry(), 'library/app', 'kept')
    const accessory = await pushReferrer(image, 'application/vnd.example')
    expect((await registry().ask('DELETE', `${artifacts}/${accessory.digest}`)).status).toBe(200)
    expect(await accessoriesOf('kept')).toEqual([])
  })
})

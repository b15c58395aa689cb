import { type Digest, mediaType } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { errorOf } from '../client.ts'
import {
  type Blob,
  blobOf,
  configBlob,
  descriptor,
  imageManifest,
  indexManifest,
  mustPutManifest,
  pushBlob,
  pushImage,
} from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const never = '0001-01-01T00:00:00.000Z'

interface Artifact {
  readonly id: number
  readonly digest: Digest
  readonly tags: { name: string; pull_time: string }[] | null
  readonly [key: string]: unknown
}

async function get(path: string): Promise<Artifact> {
  const answer = await registry().ask('GET', `/api/v2.0/projects/${path}`)
  expect(answer.status, answer.text).toBe(200)
  return JSON.parse(answer.text) as Artifact
}

async function find(repository: string, query = ''): Promise<{ total: number; artifacts: Artifact[] }> {
  const path = `/api/v2.0/projects/library/repositories/${repository}/artifacts`
  const answer = await registry().ask('GET', `${path}?page_size=100&${query}`)
  expect(answer.status, answer.text).toBe(200)
  const artifacts = JSON.parse(answer.text) as Artifact[]
  return { artifacts, total: Number(answer.headers['x-total-count']) }
}

const digestsOf = async (repository: string, query?: string) => {
  const { artifacts, total } = await find(repository, query)
  expect(total).toBe(artifacts.length)
  return artifacts.map(({ digest }) => digest)
}

async function pushConfig(repository: string, tag: string, type: string, config: Blob, extra = {}): Promise<Blob> {
  const layer = blobOf()
  for (const blob of [config, layer]) await pushBlob(registry(), repository, blob)
  const manifest = blobOf(imageManifest(config, [layer], { config: descriptor(type, config), ...extra }))
  await mustPutManifest(registry(), repository, tag, manifest.bytes)
  return manifest
}

describe('an artifact', () => {
  it('shows what its config says, and all that belongs to it in its size', async () => {
    const config = configBlob({
      created: '2026-01-02T03:04:05Z',
      config: { Env: ['A=b'] },
      history: [{ created_by: 'x' }],
    })
    const manifest = await pushConfig('library/one', 'v1', mediaType.ociConfig, config, { annotations: { a: 'b' } })
    const artifact = await get('library/repositories/one/artifacts/v1')
    const additions = `/api/v2.0/projects/library/repositories/one/artifacts/${manifest.digest}/additions`
    expect(artifact).toEqual({
      id: expect.any(Number),
      type: 'IMAGE',
      media_type: mediaType.ociConfig,
      manifest_media_type: mediaType.ociManifest,
      artifact_type: mediaType.ociConfig,
      project_id: 1,
      repository_id: expect.any(Number),
      repository_name: 'library/one',
      digest: manifest.digest,
      size: manifest.bytes.length + config.bytes.length + 64,
      push_time: expect.stringMatching(/^20.*Z$/),
      pull_time: never,
      extra_attrs: {
        architecture: 'amd64',
        os: 'linux',
        created: '2026-01-02T03:04:05Z',
        author: expect.any(String),
        config: { Env: ['A=b'] },
      },
      annotations: { a: 'b' },
      addition_links: {
        build_history: { absolute: false, href: `${additions}/build_history` },
        vulnerabilities: { absolute: false, href: `${additions}/vulnerabilities` },
      },
      references: null,
      labels: null,
      accessories: null,
      tags: [
        {
          id: expect.any(Number),
          repository_id: artifact['repository_id'],
          artifact_id: artifact.id,
          name: 'v1',
          push_time: expect.stringMatching(/^20.*Z$/),
          pull_time: never,
          immutable: false,
        },
      ],
    })
  })

  it.each([
    ['application/vnd.cncf.helm.config.v1+json', 'CHART', { name: 'chart', version: '1.0.0' }],
    ['application/vnd.acme.rocket.config.v1+json', 'ROCKET', { stages: 2 }],
    ['application/vnd.acme.other+json', 'UNKNOWN', undefined],
  ])('with a config of type %s is a %s', async (type, kind, attributes) => {
    const tag = kind.toLowerCase()
    await pushConfig('library/kinds', tag, type, blobOf(JSON.stringify(attributes ?? { hidden: true })))
    const artifact = await get(`library/repositories/kinds/artifacts/${tag}`)
    expect(artifact).toMatchObject({ type: kind, media_type: type })
    expect(artifact['extra_attrs']).toEqual(attributes)
    expect(artifact['addition_links']).toBeUndefined()
  })

  it('that is an index shows its children, and their sizes as its own', async () => {
    const child = await pushImage(registry(), 'library/index')
    const platform = { architecture: 'arm64', os: 'linux', variant: 'v8' }
    const described = { ...descriptor(child.mediaType, child), platform, annotations: { k: 'v' } }
    const index = blobOf(indexManifest([], { manifests: [described] }))
    await mustPutManifest(registry(), 'library/index', 'multi', index.bytes, mediaType.ociIndex)
    const artifact = await get('library/repositories/index/artifacts/multi')
    const own = await get(`library/repositories/index/artifacts/${child.digest}`)
    expect(artifact).toMatchObject({ type: 'IMAGE', media_type: mediaType.ociIndex })
    expect(artifact['size']).toBe(index.bytes.length + Number(own['size']))
    const reference = { parent_id: artifact.id, child_id: own.id, child_digest: child.digest }
    expect(artifact['references']).toEqual([{ ...reference, platform, annotations: { k: 'v' } }])
  })

  it('counts pulls of the artifact and of the tag that was asked for', async () => {
    const image = await pushImage(registry(), 'library/pulled', 'a')
    await mustPutManifest(registry(), 'library/pulled', 'b', image.bytes)
    for (const reference of ['a', 'a', image.digest]) {
      expect((await registry().ask('GET', `/v2/library/pulled/manifests/${reference}`)).status).toBe(200)
    }
    await expect
      .poll(async () => JSON.parse((await registry().ask('GET', '/api/v2.0/projects/library/repositories')).text))
      .toContainEqual(expect.objectContaining({ name: 'library/pulled', pull_count: 3 }))
    const artifact = await get('library/repositories/pulled/artifacts/a')
    expect(artifact['pull_time']).not.toBe(never)
    const times = new Map(artifact.tags?.map((tag) => [tag.name, tag.pull_time]))
    expect(times.get('a')).not.toBe(never)
    expect(times.get('b')).toBe(never)
  })

  it.each([
    ['library/repositories/one/artifacts/zzz', 'artifact library/one:zzz not found'],
    [
      `library/repositories/one/artifacts/${blobOf('x').digest}`,
      `artifact library/one@${blobOf('x').digest} not found`,
    ],
    ['library/repositories/none/artifacts/v1', 'repository library/none not found'],
    ['library/repositories/a%252Fb/artifacts/v1', 'repository library/a/b not found'],
  ])('%s is not there', async (path, message) => {
    await pushImage(registry(), 'library/one', 'there')
    const answer = await registry().ask('GET', `/api/v2.0/projects/${path}`)
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toEqual({ code: 'NOT_FOUND', message })
  })

  it('is for those to see who may', async () => {
    await createProject(registry(), 'closed')
    await pushImage(registry(), 'closed/app', 'v1')
    const guest = await createUser(registry())
    const stranger = await createUser(registry())
    await addMember(registry(), 'closed', guest, 'limitedGuest')
    const path = '/api/v2.0/projects/closed/repositories/app/artifacts'
    const status = async (method: string, to: string, auth: string | undefined) =>
      (await registry().ask(method, to, { auth })).status
    for (const place of [path, `${path}/v1`, `${path}/v1/tags`, `${path}/v1/accessories`]) {
      expect(await status('GET', place, guest.auth)).toBe(200)
      expect(await status('GET', place, stranger.auth)).toBe(403)
      expect(await status('GET', place, undefined)).toBe(401)
    }
    expect(await status('DELETE', `${path}/v1`, guest.auth)).toBe(403)
    expect(await status('GET', `${path}/v1`, guest.auth)).toBe(200)
  })
})

describe('a list', () => {
  it('leaves out children of indexes that have no tag, and shows them for base=*', async () => {
    const [hidden, tagged] = [
      await pushImage(registry(), 'library/list'),
      await pushImage(registry(), 'library/list', 'child'),
    ]
    const alone = await pushImage(registry(), 'library/list')
    const index = blobOf(indexManifest([hidden, tagged]))
    const again = blobOf(indexManifest([hidden]))
    await mustPutManifest(registry(), 'library/list', 'multi', index.bytes, mediaType.ociIndex)
    await mustPutManifest(registry(), 'library/list', 'multi', index.bytes, mediaType.ociIndex)
    await mustPutManifest(registry(), 'library/list', again.digest, again.bytes, mediaType.ociIndex)
    expect(await digestsOf('list')).toEqual([again.digest, index.digest, alone.digest, tagged.digest])
    expect(await digestsOf('list', 'q=base%3D*')).toContain(hidden.digest)
    for (const [tags, digests] of [
      ['*', [index.digest, tagged.digest]],
      ['nil', [again.digest, alone.digest]],
      ['child', [tagged.digest]],
      ['~ult', [index.digest]],
      ['~ULT', []],
    ] as const) {
      expect(await digestsOf('list', `q=tags%3D${tags}`)).toEqual(digests)
    }
    // Once no index lists it, it is an artifact like others.
    for (const { digest } of [index, again]) {
      expect(await digestsOf('list')).not.toContain(hidden.digest)
      expect((await registry().ask('DELETE', `/v2/library/list/manifests/${digest}`)).status).toBe(202)
    }
    expect(await digestsOf('list')).toEqual([alone.digest, tagged.digest, hidden.digest])
  })

  it('counts every index, also those that are pushed and deleted at once', async () => {
    const [a, b] = [await pushImage(registry(), 'library/race'), await pushImage(registry(), 'library/race')]
    const indexes = Array.from({ length: 8 }, (_, n) =>
      blobOf(indexManifest(n % 2 === 0 ? [a, b] : [b, a], { annotations: { n: `${n}` } })),
    )
    const each = (work: (index: Blob) => Promise<unknown>) => Promise.all(indexes.map(work))
    const put = (index: Blob) =>
      mustPutManifest(registry(), 'library/race', index.digest, index.bytes, mediaType.ociIndex)
    await each(put)
    await each(put)
    expect(await digestsOf('race')).toHaveLength(8)
    await each((index) => registry().ask('DELETE', `/v2/library/race/manifests/${index.digest}`))
    expect(await digestsOf('race')).toEqual([b.digest, a.digest])
  })

  it('filters by columns, sorts and pages', async () => {
    const images = []
    for (const tag of ['one', 'two', 'three']) images.push(await pushImage(registry(), 'library/pages', tag))
    const [one, two, three] = images.map(({ digest }) => digest)
    expect(await digestsOf('pages', 'sort=push_time')).toEqual([one, two, three])
    expect(await digestsOf('pages', 'sort=nonsense')).toEqual([three, two, one])
    expect(await digestsOf('pages', `q=digest%3D${two}`)).toEqual([two])
    expect(await digestsOf('pages', `q=digest%3D~${two?.slice(0, 20)}`)).toEqual([two])
    expect(await digestsOf('pages', 'q=type%3DCHART')).toEqual([])
    expect(
      await digestsOf('pages', `q=type%3DIMAGE,media_type%3D${mediaType.ociConfig.replace('+', '%252B')}`),
    ).toHaveLength(3)
    expect(await digestsOf('pages', 'q=push_time%3D[2020-01-01T00:00:00~2021-01-01T00:00:00]')).toEqual([])
    expect(await digestsOf('pages', 'q=push_time%3D[2020-01-01T00:00:00~]')).toHaveLength(3)
    const path = '/api/v2.0/projects/library/repositories/pages/artifacts'
    const page = await registry().ask('GET', `${path}?page=2&page_size=1&with_tag=false`)
    expect(JSON.parse(page.text)).toMatchObject([{ digest: two, tags: null }])
    expect(page.headers['x-total-count']).toBe('3')
    expect(page.headers['link']).toBe(
      `<${path}?page=1&page_size=1&with_tag=false>; rel="prev" , <${path}?page=3&page_size=1&with_tag=false>; rel="next"`,
    )
  })

  it.each([
    ['base=1', 'the value of "base" query can only be exact match value with "*"'],
    ['labels=1', 'the value of "labels" query can only be integer list with intersetion relationship'],
    ['tags=(a b)', 'the value of "tags" query can only be exact match or fuzzy match'],
    ['tags', 'the query string must contain "=" and the key/value cannot be empty'],
  ])('refuses %s', async (q, message) => {
    const path = '/api/v2.0/projects/library/repositories/pages/artifacts'
    const answer = await registry().ask('GET', `${path}?q=${encodeURIComponent(q)}`)
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toEqual({ code: 'BAD_REQUEST', message })
  })

  it('of a repository that is not there is empty', async () => {
    expect(await find('nothing')).toEqual({ total: 0, artifacts: [] })
  })

  it('of a project holds all its repositories, or the latest of each', async () => {
    const id = await createProject(registry(), 'whole')
    const [, second] = [await pushImage(registry(), 'whole/a', '1'), await pushImage(registry(), 'whole/a', '2')]
    const nested = await pushImage(registry(), 'whole/b/c', '1')
    const list = async (query: string) => {
      const answer = await registry().ask('GET', `/api/v2.0/projects/${id}/artifacts?${query}`)
      const artifacts = JSON.parse(answer.text) as Artifact[]
      expect(Number(answer.headers['x-total-count'])).toBe(artifacts.length)
      return artifacts
    }
    expect(await list('')).toHaveLength(3)
    const latest = await list('latest_in_repository=true')
    expect(latest.map(({ digest }) => digest)).toEqual([nested.digest, second?.digest])
    expect(latest.map((artifact) => artifact['repository_name'])).toEqual(['whole/b/c', 'whole/a'])
  })
})

describe('deleting an artifact', () => {
  const path = '/api/v2.0/projects/library/repositories/gone/artifacts'

  it('takes its tags along, and is recorded', async () => {
    const image = await pushImage(registry(), 'library/gone', 'v1')
    expect(await registry().ask('DELETE', `${path}/v1`)).toMatchObject({ status: 200, text: '' })
    expect((await registry().ask('GET', `${path}/${image.digest}`)).status).toBe(404)
    expect((await registry().ask('DELETE', `${path}/v1`)).status).toBe(404)
    const rows = await registry().query(`select actor, detail from ledger where object = $1`, [
      `library/gone@${image.digest}`,
    ])
    expect(rows).toEqual([{ actor: 'user:admin', detail: { tags: ['v1'] } }])
  })

  it('is refused while an index lists it', async () => {
    const child = await pushImage(registry(), 'library/gone')
    const index = blobOf(indexManifest([child]))
    await mustPutManifest(registry(), 'library/gone', 'multi', index.bytes, mediaType.ociIndex)
    const answer = await registry().ask('DELETE', `${path}/${child.digest}`)
    expect(answer.status).toBe(412)
    expect(errorOf(answer)).toEqual({ code: 'PRECONDITION', message: 'the deleting artifact is referenced by others' })
  })
})

import { mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { type Answer, errorOf } from '../client.ts'
import { blobOf, configBlob, imageManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const tags = ['1.0', '1.1', 'A', 'B', '_x', 'a', 'a-b', 'latest']
let member: TestUser

beforeAll(async () => {
  const image = await pushImage(registry(), 'library/app', 'latest')
  for (const tag of tags) await mustPutManifest(registry(), 'library/app', tag, image.bytes)
  await createProject(registry(), 'secret')
  await pushImage(registry(), 'secret/tool', 'v1')
  await pushImage(registry(), 'library/base', 'v1')
  await pushBlob(registry(), 'library/only-blobs', blobOf())
  member = await createUser(registry())
})

const json = (answer: Answer) => JSON.parse(answer.text) as { tags: string[]; repositories: string[] }

/** Follows Link headers to the end; the entries of each page. */
async function pages(path: string, auth?: string): Promise<string[][]> {
  const found: string[][] = []
  for (let next: string | undefined = path; next; ) {
    const answer = await registry().ask('GET', next, auth === undefined ? {} : { auth })
    const body = json(answer)
    found.push(body.tags ?? body.repositories)
    next = /^<([^>]+)>; rel="next"$/.exec(answer.headers['link'] as string)?.[1]
  }
  return found
}

describe('tags', () => {
  it('come in byte order', async () => {
    const answer = await registry().ask('GET', '/v2/library/app/tags/list')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['link']).toBeUndefined()
    expect(JSON.parse(answer.text)).toEqual({ name: 'library/app', tags })
  })

  it('come in pages', async () => {
    expect(await pages('/v2/library/app/tags/list?n=3')).toEqual([tags.slice(0, 3), tags.slice(3, 6), tags.slice(6)])
    const first = await registry().ask('GET', '/v2/library/app/tags/list?n=3')
    expect(first.headers['link']).toBe('</v2/library/app/tags/list?last=A&n=3>; rel="next"')
    expect(await pages('/v2/library/app/tags/list?n=8')).toEqual([tags])
  })

  it.each([
    ['n=0', []],
    ['last=a', ['a-b', 'latest']],
    ['last=zzz', []],
    ['n=1&last=1.05', ['1.1']],
    ['n=999999999', tags],
  ])('for %s', async (query, expected) => {
    const answer = await registry().ask('GET', `/v2/library/app/tags/list?${query}`)
    expect(json(answer).tags).toEqual(expected)
  })

  it.each(['-1', 'x', '', '1.5', '9'.repeat(30)])('are not limited by n=%s', async (n) => {
    const answer = await registry().ask('GET', `/v2/library/app/tags/list?n=${n}`)
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toEqual({
      code: 'BAD_REQUEST',
      message: 'the N must be a positive int type',
      detail: { n },
    })
  })

  it('of an unknown repository are not there', async () => {
    const answer = await registry().ask('GET', '/v2/library/none/tags/list')
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toMatchObject({ code: 'NAME_UNKNOWN', message: 'repository library/none not found' })
  })
})

describe('the catalog', () => {
  it('lists what holds artifacts, in pages', async () => {
    expect(await pages('/v2/_catalog')).toEqual([['library/app', 'library/base', 'secret/tool']])
    expect(await pages('/v2/_catalog?n=2')).toEqual([['library/app', 'library/base'], ['secret/tool']])
    const first = await registry().ask('GET', '/v2/_catalog?n=2')
    expect(first.headers['link']).toBe('</v2/_catalog?last=library%2Fbase&n=2>; rel="next"')
    expect(json(await registry().ask('GET', '/v2/_catalog?n=0')).repositories).toEqual([])
  })

  it('lists only what the caller may pull', async () => {
    expect(await pages('/v2/_catalog', member.auth)).toEqual([['library/app', 'library/base']])
    await addMember(registry(), 'secret', member, 'limitedGuest')
    expect(await pages('/v2/_catalog', member.auth)).toEqual([['library/app', 'library/base', 'secret/tool']])
  })
})

describe('referrers', () => {
  const subject = blobOf('{"subject":true}')
  const types = ['application/vnd.example.sbom', 'application/vnd.example.signature']

  beforeAll(async () => {
    const config = configBlob()
    await pushBlob(registry(), 'library/app', config)
    for (const artifactType of types) {
      const extra = {
        artifactType,
        subject: { mediaType: mediaType.ociManifest, digest: subject.digest, size: subject.bytes.length },
        annotations: { 'org.example.kind': artifactType },
      }
      const text = imageManifest(config, [], extra)
      await mustPutManifest(registry(), 'library/app', blobOf(text).digest, text)
    }
  })

  interface Index {
    readonly schemaVersion: number
    readonly mediaType: string
    readonly manifests: readonly Record<string, unknown>[]
  }
  const list = async (query = '', name = 'library/app') => {
    const answer = await registry().ask('GET', `/v2/${name}/referrers/${subject.digest}${query}`)
    return { answer, index: JSON.parse(answer.text) as Index }
  }

  it('are listed with what describes them', async () => {
    const { answer, index } = await list()
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({ 'content-type': mediaType.ociIndex, 'x-total-count': '2' })
    expect(answer.headers['oci-filters-applied']).toBeUndefined()
    expect(index).toMatchObject({ schemaVersion: 2, mediaType: mediaType.ociIndex })
    expect(index.manifests).toHaveLength(2)
    for (const found of index.manifests) {
      expect(found).toEqual({
        mediaType: mediaType.ociManifest,
        digest: expect.stringMatching(/^sha256:/),
        size: expect.any(Number),
        artifactType: expect.toBeOneOf(types),
        annotations: { 'org.example.kind': found['artifactType'] },
      })
    }
  })

  it('are filtered by type', async () => {
    const { answer, index } = await list(`?artifactType=${types[0]}`)
    expect(answer.headers).toMatchObject({ 'oci-filters-applied': 'artifactType', 'x-total-count': '1' })
    expect(index.manifests.map((found) => found['artifactType'])).toEqual([types[0]])
    expect((await list('?artifactType=none')).index.manifests).toEqual([])
  })

  it('go on after the last one', async () => {
    const all = (await list()).index.manifests
    const { answer, index } = await list(`?last=${all[0]?.['digest']}`)
    expect(index.manifests).toEqual(all.slice(1))
    expect(answer.headers['x-total-count']).toBe('2')
  })

  it.each(['library/app', 'library/none'])('of an unknown subject in %s are none', async (name) => {
    const unknown = blobOf().digest
    const answer = await registry().ask('GET', `/v2/${name}/referrers/${unknown}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['x-total-count']).toBe('0')
    expect(answer.text).toBe(`{"schemaVersion":2,"mediaType":"${mediaType.ociIndex}","manifests":[]}`)
  })

  it('are in pages of a thousand, with the filter in the link', async () => {
    const [{ id }] = (await registry().query<{ id: number }>(`select id from repository where name = 'app'`)) as [
      { id: number },
    ]
    await registry().query(
      `with made as (insert into manifest (digest, media_type, artifact_type, size, bytes)
         select sha256(('r' || n)::bytea), $3, 'many', 1, '' from generate_series(1, 1500) n returning digest),
       linked as (insert into repository_manifest (repository_id, digest, media_type, size, pushed_by) select $1, digest, $3, 1, 'x' from made returning digest)
       insert into referrer select $1, sha256($2), digest from linked`,
      [id, Buffer.from('many'), mediaType.ociManifest],
    )
    const many = blobOf('many').digest
    const first = await registry().ask('GET', `/v2/library/app/referrers/${many}?artifactType=many`)
    const next = /^<([^>]+)>; rel="next"$/.exec(first.headers['link'] as string)?.[1] ?? ''
    expect(next).toContain('artifactType=many')
    const second = await registry().ask('GET', next)
    const digests = [first, second].map((answer) =>
      (JSON.parse(answer.text) as Index).manifests.map((found) => found['digest']),
    )
    expect(digests.map((page) => page.length)).toEqual([1000, 500])
    expect(new Set(digests.flat()).size).toBe(1500)
    expect(second.headers['link']).toBeUndefined()
    expect([first, second].map((answer) => answer.headers['x-total-count'])).toEqual(['1500', '1500'])
  })
})

import { describe, expect, it } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { blobOf, indexManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()

interface Repository {
  readonly name: string
  readonly [key: string]: unknown
}

async function find(path: string, auth?: { auth: string | undefined }): Promise<string[]> {
  const answer = await registry().ask('GET', `/api/v2.0${path}`, auth)
  expect(answer.status, answer.text).toBe(200)
  const names = (JSON.parse(answer.text) as Repository[]).map(({ name }) => name)
  expect(Number(answer.headers['x-total-count'])).toBe(names.length)
  return names
}

describe('a repository', () => {
  it('says how many artifacts it holds', async () => {
    const child = await pushImage(registry(), 'library/counted')
    const index = blobOf(indexManifest([child]))
    await mustPutManifest(
      registry(),
      'library/counted',
      'multi',
      index.bytes,
      'application/vnd.oci.image.index.v1+json',
    )
    const answer = await registry().ask('GET', '/api/v2.0/projects/library/repositories/counted')
    expect(JSON.parse(answer.text)).toEqual({
      id: expect.any(Number),
      project_id: 1,
      name: 'library/counted',
      artifact_count: 1,
      pull_count: 0,
      creation_time: expect.stringMatching(/^20.*Z$/),
      update_time: expect.stringMatching(/^20.*Z$/),
    })
  })

  it.each(['a%2Fb', 'a%252Fb'])('is found by its name as %s', async (escaped) => {
    await pushImage(registry(), 'library/a/b', 'v1')
    const answer = await registry().ask('GET', `/api/v2.0/projects/library/repositories/${escaped}`)
    expect(JSON.parse(answer.text)).toMatchObject({ name: 'library/a/b' })
  })

  it('that holds nothing is not there', async () => {
    await pushBlob(registry(), 'library/hollow', blobOf())
    const answer = await registry().ask('GET', '/api/v2.0/projects/library/repositories/hollow')
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toEqual({ code: 'NOT_FOUND', message: 'repository library/hollow not found' })
    expect(await find('/projects/library/repositories?page_size=100')).not.toContain('library/hollow')
  })

  it('takes a description, and keeps what could be HTML from being it', async () => {
    await pushImage(registry(), 'library/told', 'v1')
    const path = '/api/v2.0/projects/library/repositories/told'
    const body = JSON.stringify({ name: 'library/else', description: '<b>&"\'' })
    expect((await registry().ask('PUT', path, { body })).status).toBe(200)
    expect(JSON.parse((await registry().ask('GET', path)).text)).toMatchObject({
      name: 'library/told',
      description: '&#60;b&#62;&#38;&#34;&#39;',
    })
  })
})

describe('a list', () => {
  it('is filtered, sorted and cut into pages', async () => {
    await createProject(registry(), 'many')
    for (const name of ['one', 'two', 'three']) await pushImage(registry(), `many/${name}`, 'v1')
    expect(await find('/projects/many/repositories')).toEqual(['many/three', 'many/two', 'many/one'])
    expect(await find('/projects/many/repositories?sort=name')).toEqual(['many/one', 'many/three', 'many/two'])
    expect(await find('/projects/many/repositories?q=name%3D~T&sort=name')).toEqual(['many/three', 'many/two'])
    expect(await find('/projects/many/repositories?q=name%3Dmany/one')).toEqual(['many/one'])
    const page = await registry().ask('GET', '/api/v2.0/projects/many/repositories?page=2&page_size=2')
    expect(JSON.parse(page.text)).toHaveLength(1)
    expect(page.headers).toMatchObject({
      'x-total-count': '3',
      link: '</api/v2.0/projects/many/repositories?page=1&page_size=2>; rel="prev"',
    })
  })

  it('of all projects holds what the caller may see', async () => {
    await createProject(registry(), 'secret')
    await createProject(registry(), 'open', true)
    for (const project of ['secret', 'open']) await pushImage(registry(), `${project}/seen`, 'v1')
    const [member, stranger] = [await createUser(registry()), await createUser(registry())]
    await addMember(registry(), 'secret', member, 'limitedGuest')
    const seen = (auth?: { auth: string | undefined }) => find('/repositories?q=name%3D~seen&sort=name', auth)
    expect(await seen()).toEqual(['open/seen', 'secret/seen'])
    expect(await seen({ auth: member.auth })).toEqual(['open/seen', 'secret/seen'])
    expect(await seen({ auth: stranger.auth })).toEqual(['open/seen'])
    expect(await seen({ auth: undefined })).toEqual(['open/seen'])
  })

  it('tells which repositories hold a blob', async () => {
    const image = await pushImage(registry(), 'library/holder', 'v1')
    const [layer] = image.layers
    expect(await find(`/repositories?q=blob_digest%3D${layer?.digest}&page_size=1`)).toEqual(['library/holder'])
    expect(await find(`/repositories?q=blob_digest%3D${blobOf('absent').digest}`)).toEqual([])
    expect(await find('/repositories?q=blob_digest%3Dnonsense')).toEqual([])
  })
})

describe('deleting a repository', () => {
  it('removes every artifact, counts anew, and is recorded', async () => {
    const child = await pushImage(registry(), 'library/gone')
    const index = blobOf(indexManifest([child]))
    await mustPutManifest(registry(), 'library/gone', 'multi', index.bytes, 'application/vnd.oci.image.index.v1+json')
    await registry().ask('GET', '/v2/library/gone/manifests/multi')
    const path = '/api/v2.0/projects/library/repositories/gone'
    const pulls = async () => (JSON.parse((await registry().ask('GET', path)).text) as Repository)['pull_count']
    await expect.poll(pulls).toBe(1)
    await registry().ask('PUT', path, { body: JSON.stringify({ description: 'old' }) })
    expect(await registry().ask('DELETE', path)).toMatchObject({ status: 200, text: '' })
    expect((await registry().ask('GET', path)).status).toBe(404)
    expect((await registry().ask('DELETE', path)).status).toBe(404)
    for (const reference of ['multi', child.digest, index.digest]) {
      expect((await registry().ask('GET', `/v2/library/gone/manifests/${reference}`)).status).toBe(404)
    }
    const rows = await registry().query(
      `select action, object, detail, project_id from ledger where object like 'library/gone%' and action like '%.delete'
       order by action desc, object`,
    )
    const deleted = [child, index].map(({ digest }) => `library/gone@${digest}`).toSorted()
    expect(rows).toEqual([
      { action: 'repository.delete', object: 'library/gone', detail: { artifacts: 2 }, project_id: 1 },
      ...deleted.map((object) => expect.objectContaining({ action: 'artifact.delete', object, project_id: 1 })),
    ])

    await pushImage(registry(), 'library/gone', 'new')
    const again = JSON.parse((await registry().ask('GET', path)).text) as Repository
    expect(again).toMatchObject({ artifact_count: 1, pull_count: 0 })
    expect(again['description']).toBeUndefined()
  })

  it('waits for a push that is under way', async () => {
    const path = '/api/v2.0/projects/library/repositories/busy'
    for (let round = 0; round < 5; round += 1) {
      await pushImage(registry(), 'library/busy', 'v1')
      const index = blobOf(
        indexManifest([await pushImage(registry(), 'library/busy')], { annotations: { n: `${round}` } }),
      )
      const put = registry().ask('PUT', '/v2/library/busy/manifests/multi', {
        body: index.bytes,
        headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
      })
      const [pushed, removed] = await Promise.all([put, registry().ask('DELETE', path)])
      expect(removed.status).toBe(200)
      expect([201, 400]).toContain(pushed.status)
      const orphans = await registry().query(
        `select from manifest_reference f join repository_manifest p on p.digest = f.parent
         where not exists (select from repository_manifest c where c.repository_id = p.repository_id and c.digest = f.child)`,
      )
      expect(orphans).toEqual([])
    }
  })

  it('takes the role for it', async () => {
    await createProject(registry(), 'kept')
    await pushImage(registry(), 'kept/app', 'v1')
    const developer = await createUser(registry())
    await addMember(registry(), 'kept', developer, 'developer')
    const path = '/api/v2.0/projects/kept/repositories/app'
    expect((await registry().ask('DELETE', path, { auth: developer.auth })).status).toBe(403)
    expect((await registry().ask('GET', path, { auth: developer.auth })).status).toBe(200)
    expect((await registry().ask('GET', path, { auth: undefined })).status).toBe(401)
  })
})

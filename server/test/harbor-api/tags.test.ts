import { expect, it } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { mustPutManifest, pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const artifacts = '/api/v2.0/projects/library/repositories/app/artifacts'

const tag = (reference: string, name: string) =>
  registry().ask('POST', `${artifacts}/${reference}/tags`, { body: JSON.stringify({ name }) })

async function names(reference: string, query = ''): Promise<string[]> {
  const answer = await registry().ask('GET', `${artifacts}/${reference}/tags${query}`)
  expect(answer.status, answer.text).toBe(200)
  return (JSON.parse(answer.text) as { name: string }[]).map(({ name }) => name)
}

it('a tag is made, listed and pulled by, and its making recorded', async () => {
  const image = await pushImage(registry(), 'library/app', 'v1')
  const made = await tag('v1', 'v1.0')
  expect(made).toMatchObject({ status: 201, text: '' })
  expect(made.headers.location).toBeUndefined()
  expect(await names('v1.0')).toEqual(['v1.0', 'v1'])
  const pulled = await registry().ask('GET', '/v2/library/app/manifests/v1.0')
  expect(pulled.headers['docker-content-digest']).toBe(image.digest)
  const rows = await registry().query(`select object, detail from ledger where action = 'tag.create'`)
  expect(rows).toEqual([{ object: 'library/app:v1.0', detail: { digest: image.digest } }])
})

it('a tag that is taken is refused, and so is what is no tag', async () => {
  await pushImage(registry(), 'library/app', 'taken')
  await pushImage(registry(), 'library/app', 'other')
  const [{ repository_id: id } = { repository_id: 0 }] = JSON.parse(
    (await registry().ask('GET', `${artifacts}/taken/tags`)).text,
  ) as { repository_id: number }[]
  const refused = await tag('other', 'taken')
  expect(refused.status).toBe(409)
  expect(errorOf(refused)).toEqual({
    code: 'CONFLICT',
    message: `tag taken already exists under the repository ${id}`,
  })
  const wrong = await tag('other', '-x')
  expect(wrong.status).toBe(400)
  expect(errorOf(wrong)).toEqual({ code: 'BAD_REQUEST', message: 'invalid tag name: -x' })
  expect((await tag('nosuch', 'v9')).status).toBe(404)
})

it('a list is filtered, sorted and cut into pages', async () => {
  const image = await pushImage(registry(), 'library/app', 'b1')
  for (const name of ['a1', 'b2']) await mustPutManifest(registry(), 'library/app', name, image.bytes)
  expect(await names(image.digest)).toEqual(['b2', 'a1', 'b1'])
  expect(await names(image.digest, '?sort=name')).toEqual(['a1', 'b1', 'b2'])
  expect(await names(image.digest, '?q=name%3D~b&sort=name')).toEqual(['b1', 'b2'])
  expect(await names(image.digest, '?sort=-name&page=2&page_size=1')).toEqual(['b1'])
})

it('deleting a tag leaves the artifact and its other tags', async () => {
  const image = await pushImage(registry(), 'library/app', 'last')
  await mustPutManifest(registry(), 'library/app', 'first', image.bytes)
  await pushImage(registry(), 'library/app', 'stranger')
  const remove = async (reference: string, name: string) =>
    (await registry().ask('DELETE', `${artifacts}/${reference}/tags/${name}`)).status
  expect(await remove('last', 'stranger')).toBe(404)
  expect(await names('stranger')).toEqual(['stranger'])
  expect(await remove('last', 'first')).toBe(200)
  expect(await remove(image.digest, 'last')).toBe(200)
  expect(await names(image.digest)).toEqual([])
  expect(await remove(image.digest, 'last')).toBe(404)
})

it('a tag that moves has a new push time, one that is pushed again keeps its own', async () => {
  const times = async () => {
    const answer = await registry().ask('GET', `${artifacts}/moving/tags`)
    return (JSON.parse(answer.text) as { push_time: string }[]).map((one) => one.push_time)
  }
  const image = await pushImage(registry(), 'library/app', 'moving')
  const before = await times()
  await mustPutManifest(registry(), 'library/app', 'moving', image.bytes)
  expect(await times()).toEqual(before)
  await pushImage(registry(), 'library/app', 'moving')
  expect(await times()).not.toEqual(before)
})

it('developers make tags, maintainers delete them', async () => {
  await createProject(registry(), 'team')
  await pushImage(registry(), 'team/app', 'v1')
  const [developer, maintainer, guest] = [
    await createUser(registry()),
    await createUser(registry()),
    await createUser(registry()),
  ]
  await addMember(registry(), 'team', developer, 'developer')
  await addMember(registry(), 'team', maintainer, 'maintainer')
  await addMember(registry(), 'team', guest, 'guest')
  const path = '/api/v2.0/projects/team/repositories/app/artifacts/v1/tags'
  const make = async (auth: string, name: string) =>
    (await registry().ask('POST', path, { auth, body: JSON.stringify({ name }) })).status
  const remove = async (auth: string, name: string) =>
    (await registry().ask('DELETE', `${path}/${name}`, { auth })).status
  expect(await make(guest.auth, 'v2')).toBe(403)
  expect(await make(developer.auth, 'v2')).toBe(201)
  expect(await remove(developer.auth, 'v2')).toBe(403)
  expect(await remove(maintainer.auth, 'v2')).toBe(200)
})

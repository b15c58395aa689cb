import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'

const registry = sharedRegistry()
const call = caller(registry)

let team = 0
let [guest, maintainer, stranger]: TestUser[] = []

beforeAll(async () => {
  team = await createProject(registry(), 'team')
  guest = await createUser(registry())
  maintainer = await createUser(registry())
  stranger = await createUser(registry())
  await addMember(registry(), 'team', guest, 'guest')
  await addMember(registry(), 'team', maintainer, 'maintainer')
})

const make = (json: object, auth?: { auth: string | undefined }) => call('POST', '/labels', { json, ...auth })

interface Label {
  readonly id: number
  readonly name: string
}
const names = async (query: string, auth?: { auth: string | undefined }) =>
  bodyOf<Label[]>(await call('GET', `/labels?${query}`, auth)).map(({ name }) => name)

describe('a label', () => {
  it('of the system is made, changed and deleted by administrators, and seen by all users', async () => {
    const made = await make({ name: 'stable', color: '#0f0', scope: 'g' })
    const id = idOf(made)
    expect(made.headers.location).toBe(`/api/v2.0/labels/${id}`)
    const label = bodyOf(await call('GET', `/labels/${id}`, { auth: stranger?.auth }))
    expect(label).toEqual({
      id,
      name: 'stable',
      color: '#0f0',
      scope: 'g',
      creation_time: expect.stringMatching(/^20.*Z$/),
      update_time: expect.stringMatching(/^20.*Z$/),
    })
    const json = { name: 'steady', description: 'd', color: '' }
    for (const method of ['PUT', 'DELETE']) {
      const refused = await call(method, `/labels/${id}`, { json, auth: stranger?.auth })
      expect(refused.status).toBe(403)
    }
    expect((await make({ name: 'mine', scope: 'g' }, { auth: stranger?.auth })).status).toBe(403)
    expect((await call('PUT', `/labels/${id}`, { json })).status).toBe(200)
    expect(await names('scope=g', { auth: stranger?.auth })).toEqual(['steady'])
    expect((await call('GET', '/labels?scope=g', { auth: undefined })).status).toBe(401)
    expect((await call('DELETE', `/labels/${id}`)).status).toBe(200)
    expect(refusalOf(await call('GET', `/labels/${id}`))).toEqual([404, 'NOT_FOUND', `label ${id} not found`])
    const actions = await registry().query(`select action, object from ledger where action like 'label.%' order by id`)
    expect(actions).toEqual([
      { action: 'label.create', object: 'label stable' },
      { action: 'label.update', object: 'label steady' },
      { action: 'label.delete', object: 'label steady' },
    ])
  })

  it('of a project is for its members', async () => {
    const id = idOf(await make({ name: 'prod', scope: 'p', project_id: team }, { auth: maintainer?.auth }))
    expect(bodyOf(await call('GET', `/labels/${id}`, { auth: guest?.auth }))).toMatchObject({
      scope: 'p',
      project_id: team,
    })
    expect(await names(`scope=p&project_id=${team}`, { auth: guest?.auth })).toEqual(['prod'])
    for (const auth of [stranger?.auth, undefined]) {
      const status = auth ? 403 : 401
      expect((await call('GET', `/labels/${id}`, { auth })).status).toBe(status)
      expect((await call('GET', `/labels?scope=p&project_id=${team}`, { auth })).status).toBe(status)
      expect((await call('GET', '/labels?scope=p&project_id=999999', { auth })).status).toBe(status)
    }
    expect((await make({ name: 'x', scope: 'p', project_id: team }, { auth: guest?.auth })).status).toBe(403)
    expect((await call('DELETE', `/labels/${id}`, { auth: guest?.auth })).status).toBe(403)
  })

  it('has a name of its own in its project', async () => {
    await make({ name: 'twice', scope: 'p', project_id: team })
    const other = idOf(await make({ name: 'once', scope: 'p', project_id: team }))
    const conflict = [409, 'CONFLICT', 'label twice already exists']
    expect(refusalOf(await make({ name: 'twice', scope: 'p', project_id: team }))).toEqual(conflict)
    expect(refusalOf(await call('PUT', `/labels/${other}`, { json: { name: 'twice' } }))).toEqual(conflict)
    expect((await make({ name: 'twice', scope: 'g' })).status).toBe(201)
  })

  it.each([
    [{ name: 'x' }, 'invalid scope: '],
    [{ name: 'x', scope: 'q' }, 'invalid scope: q'],
    [{ name: 'x', scope: 'p' }, 'invalid project_id: 0'],
    [{ name: '', scope: 'g' }, 'name: Label name must have 1 to 128 characters'],
    [{ name: 'n'.repeat(129), scope: 'g' }, 'name: Label name must have 1 to 128 characters'],
  ])('case %# is refused', async (json, message) => {
    expect(refusalOf(await make(json))).toEqual([400, 'BAD_REQUEST', message])
  })

  it('is found by part of its name', async () => {
    const id = await createProject(registry(), 'search')
    for (const name of ['alpha', 'beta']) await make({ name, scope: 'p', project_id: id })
    expect(await names(`scope=p&project_id=${id}&name=ALPH`)).toEqual(['alpha'])
    expect(await names(`scope=p&project_id=${id}&sort=-name`)).toEqual(['beta', 'alpha'])
    expect(refusalOf(await call('GET', '/labels'))).toEqual([400, 'BAD_REQUEST', 'invalid scope: '])
  })
})

describe('on an artifact', () => {
  const artifacts = '/projects/team/repositories/app/artifacts'

  it('a label is put, listed, asked for and taken off', async () => {
    const image = await pushImage(registry(), 'team/app', 'labelled')
    await pushImage(registry(), 'team/app', 'bare')
    const [own, global] = [
      idOf(await make({ name: 'a', scope: 'p', project_id: team })),
      idOf(await make({ name: 'z', scope: 'g' })),
    ]
    const path = `${artifacts}/labelled/labels`
    expect((await call('POST', path, { json: { id: own }, auth: guest?.auth })).status).toBe(403)
    for (const id of [own, global]) {
      expect(await call('POST', path, { json: { id }, auth: maintainer?.auth })).toMatchObject({
        status: 200,
        text: '',
      })
    }
    const artifact = bodyOf<{ id: number }>(await call('GET', `${artifacts}/labelled?with_label=true`))
    expect(artifact).toMatchObject({
      labels: [
        { id: own, name: 'a' },
        { id: global, name: 'z', scope: 'g' },
      ],
    })
    const conflict = [409, 'CONFLICT', `label ${own} is already added to the artifact ${artifact.id}`]
    expect(refusalOf(await call('POST', path, { json: { id: own } }))).toEqual(conflict)

    const digests = async (q: string) =>
      bodyOf<{ digest: string }[]>(await call('GET', `${artifacts}?q=labels%3D${q}`)).map(({ digest }) => digest)
    expect(await digests(`(${own}%20${global})`)).toEqual([image.digest])
    expect(await digests(`(${own}%20999999)`)).toEqual([])

    expect((await call('DELETE', `${path}/${own}`)).status).toBe(200)
    const missing = `reference with label ID ${own} and artifact ID ${artifact.id} not found`
    expect(refusalOf(await call('DELETE', `${path}/${own}`))).toEqual([404, 'NOT_FOUND', missing])
    expect((await call('DELETE', `/labels/${global}`)).status).toBe(200)
    expect(bodyOf(await call('GET', `${artifacts}/labelled?with_label=true`))).toMatchObject({ labels: null })
  })

  it('a label of another project is as good as none', async () => {
    await pushImage(registry(), 'team/app', 'own')
    const foreign = idOf(await make({ name: 'foreign', scope: 'p', project_id: 1 }))
    for (const id of [foreign, 999_999]) {
      const answer = await call('POST', `${artifacts}/own/labels`, { json: { id } })
      expect(refusalOf(answer)).toEqual([404, 'NOT_FOUND', `label ${id} not found`])
    }
  })
})

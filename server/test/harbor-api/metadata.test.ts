import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, refusalOf } from './call.ts'

const registry = sharedRegistry()
const call = caller(registry)
let project: number

const path = '/projects/set/metadatas'
const stored = async () => bodyOf<Record<string, string>>(await call('GET', `${path}/`))

beforeAll(async () => {
  project = await createProject(registry(), 'set')
})

describe('a project’s settings', () => {
  it('take effect on a fresh project, by PUT as by POST', async () => {
    expect(await stored()).toEqual({ public: 'false' })
    const put = await call('PUT', `${path}/auto_scan`, { json: { auto_scan: 'true' } })
    expect([put.status, put.text]).toEqual([200, ''])
    expect((await call('POST', `${path}/`, { json: { severity: 'High' } })).status).toBe(200)
    expect(await stored()).toEqual({ public: 'false', auto_scan: 'true', severity: 'high' })
    expect(bodyOf(await call('GET', `${path}/auto_scan`))).toEqual({ auto_scan: 'true' })
    expect(bodyOf(await call('GET', '/projects/set'))).toMatchObject({ metadata: await stored() })
  })

  it('are made once, and replaced any number of times', async () => {
    const post = () => call('POST', `${path}/`, { json: { prevent_vul: 'true' } })
    expect((await post()).status).toBe(200)
    const taken = [409, 'CONFLICT', `metadata prevent_vul already exists for project ${project}`]
    expect(refusalOf(await post())).toEqual(taken)
    for (const prevent_vul of ['false', 'true', 'true']) {
      expect((await call('PUT', `${path}/prevent_vul`, { json: { prevent_vul } })).status).toBe(200)
      expect((await stored())['prevent_vul']).toBe(prevent_vul)
    }
  })

  it.each([
    ['1', 'true'],
    ['t', 'true'],
    ['TRUE', 'true'],
    ['0', 'false'],
    ['F', 'false'],
    ['False', 'false'],
  ])('%s is %s', async (given, expected) => {
    const json = { enable_content_trust: given }
    expect((await call('PUT', `${path}/enable_content_trust`, { json })).status).toBe(200)
    expect((await stored())['enable_content_trust']).toBe(expected)
  })

  it('make a project public, and private again', async () => {
    const seen = async () => (await call('GET', '/projects/set', { auth: undefined })).status
    const put = (value: string) => call('PUT', `${path}/public`, { json: { public: value } })
    expect((await put('true')).status).toBe(200)
    expect(await seen()).toBe(200)
    expect((await call('DELETE', `${path}/public`)).status).toBe(200)
    expect(await seen()).toBe(401)
    expect(await stored()).toMatchObject({ public: 'false' })
    expect((await call('POST', `${path}/`, { json: { public: 'true' } })).status).toBe(409)
  })

  it('are gone when they are deleted', async () => {
    await call('PUT', `${path}/auto_sbom_generation`, { json: { auto_sbom_generation: 'true' } })
    expect((await call('DELETE', `${path}/auto_sbom_generation`)).status).toBe(200)
    expect(await stored()).not.toHaveProperty('auto_sbom_generation')
    for (const method of ['GET', 'DELETE']) {
      const gone = [404, 'NOT_FOUND', `metadata auto_sbom_generation not found for project ${project}`]
      expect(refusalOf(await call(method, `${path}/auto_sbom_generation`))).toEqual(gone)
    }
  })

  it.each([
    ['PUT', '/auto_scan', { auto_scan: 'perhaps' }, 'invalid value: perhaps'],
    ['PUT', '/auto_scan', { public: 'true' }, 'invalid value: '],
    ['PUT', '/severity', { severity: 'dire' }, 'invalid value: dire'],
    ['PUT', '/proxy_speed_kb', { proxy_speed_kb: '1.5' }, 'invalid value: 1.5'],
    ['PUT', '/foo', { foo: 'true' }, 'invalid key: foo'],
    ['PUT', '/__proto__', { x: 'true' }, 'invalid key: __proto__'],
    ['POST', '/', { foo: 'true' }, 'invalid key: foo'],
    ['POST', '/', {}, 'only allow one key/value pair'],
    ['POST', '/', { auto_scan: 'true', severity: 'low' }, 'only allow one key/value pair'],
  ])('refuse %s %s %j', async (method, key, json, sentence) => {
    const before = await stored()
    expect(refusalOf(await call(method, `${path}${key}`, { json }))).toEqual([400, 'BAD_REQUEST', sentence])
    expect(await stored()).toEqual(before)
  })

  it('are strings', async () => {
    const answer = await call('PUT', `${path}/auto_scan`, { json: { auto_scan: true } })
    expect([answer.status, refusalOf(answer)[1]]).toEqual([422, 'UNPROCESSABLE_ENTITY'])
  })

  it('are listed for administrators, and read one by one by maintainers', async () => {
    await createProject(registry(), 'roles')
    const [owner, maintainer] = [await createUser(registry()), await createUser(registry())]
    await addMember(registry(), 'roles', owner, 'projectAdmin')
    await addMember(registry(), 'roles', maintainer, 'maintainer')
    const ask = async (method: string, key: string, auth: string) =>
      (await call(method, `/projects/roles/metadatas/${key}`, { auth, json: { public: 'false' } })).status
    expect(await ask('GET', '', owner.auth)).toBe(403)
    expect(await ask('GET', 'public', owner.auth)).toBe(200)
    expect(await ask('PUT', 'public', owner.auth)).toBe(200)
    expect(await ask('GET', 'public', maintainer.auth)).toBe(200)
    expect(await ask('PUT', 'public', maintainer.auth)).toBe(403)
  })

  it('are in the ledger with every change', async () => {
    await createProject(registry(), 'noted')
    await call('PUT', '/projects/noted/metadatas/public', { json: { public: 'true' } })
    await call('DELETE', '/projects/noted/metadatas/public')
    const rows = await registry().query(
      `select detail from ledger where object = 'project noted' and action = 'project.update' order by id`,
    )
    expect(rows).toEqual([{ detail: { public: 'true' } }, { detail: { removed: 'public' } }])
  })
})

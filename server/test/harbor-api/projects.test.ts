import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'

const registry = sharedRegistry()
const call = caller(registry)
let user: TestUser

beforeAll(async () => {
  user = await createUser(registry())
})

describe('a project', () => {
  it('whose name is a number is found by name when asked to', async () => {
    const id = await createProject(registry(), '12345')
    expect((await call('GET', '/projects/12345')).status).toBe(404)
    const headers = { 'x-is-resource-name': 'true' }
    expect(bodyOf(await call('GET', '/projects/12345', { headers }))).toMatchObject({ project_id: id })
    expect(bodyOf(await call('GET', `/projects/${id}`))).toMatchObject({ name: '12345' })
    const byName = await call('GET', `/projects/${id}`, { headers })
    expect(refusalOf(byName)).toEqual([404, 'NOT_FOUND', `project ${id} not found`])
  })

  it('keeps the settings that an update does not name', async () => {
    const id = await createProject(registry(), 'updated')
    const put = (json: object) => call('PUT', `/projects/${id}`, { json })
    expect((await put({ metadata: { auto_scan: 'true', severity: 'low' } })).status).toBe(200)
    const cve_allowlist = { project_id: id, items: [{ cve_id: 'CVE-2026-2' }] }
    expect((await put({ metadata: { auto_scan: 'false', public: 'true' }, cve_allowlist })).status).toBe(200)
    expect(bodyOf(await call('GET', '/projects/updated'))).toMatchObject({
      metadata: { auto_scan: 'false', severity: 'low', public: 'true' },
      cve_allowlist: { items: [{ cve_id: 'CVE-2026-2' }] },
    })
    expect((await put({ public: false })).status).toBe(200)
    expect((await call('GET', '/projects/updated', { auth: undefined })).status).toBe(401)
  })

  it.each([
    ['another project’s allowlist', { cve_allowlist: { project_id: 999, items: [] } }],
    ['an allowlist with an entry twice', { cve_allowlist: { items: [{ cve_id: 'CVE-1' }, { cve_id: 'CVE-1' }] } }],
    ['an allowlist with an empty entry', { cve_allowlist: { items: [{ cve_id: ' ' }] } }],
    ['a retention policy that it does not have', { metadata: { retention_id: '7' } }],
    ['a severity that is none', { metadata: { severity: 'dire' } }],
  ])('is not given %s, nor anything beside it', async (_, json) => {
    const before = await call('GET', '/projects/library')
    const answer = await call('PUT', '/projects/library', { json: { ...json, public: false } })
    expect([answer.status, refusalOf(answer)[1]]).toEqual([400, 'BAD_REQUEST'])
    expect((await call('GET', '/projects/library')).text).toBe(before.text)
  })

  it('is deleted once it is empty, and its name and robots with it', async () => {
    const id = await createProject(registry(), 'fleeting')
    const image = await pushImage(registry(), 'fleeting/app', 'v1')
    const access = [{ resource: 'project', action: 'read' }]
    const permissions = [{ kind: 'project', namespace: 'fleeting', access }]
    const robot = await call('POST', '/robots', { json: { name: 'r', level: 'project', duration: -1, permissions } })
    const holds = 'the project contains repositories, can not be deleted'
    expect(bodyOf(await call('GET', `/projects/${id}/_deletable`))).toEqual({ message: holds })
    const refused = await call('DELETE', `/projects/${id}`)
    expect(refusalOf(refused)).toEqual([412, 'PRECONDITION', `precondition failed: ${holds}`])
    await registry().ask('DELETE', `/v2/fleeting/app/manifests/${image.digest}`)
    expect(bodyOf(await call('GET', `/projects/${id}/_deletable`))).toEqual({ deletable: true })
    expect((await call('DELETE', '/projects/fleeting')).status).toBe(200)
    expect((await call('GET', '/projects/fleeting')).status).toBe(404)
    expect((await call('DELETE', '/projects/fleeting')).status).toBe(404)
    expect(await createProject(registry(), 'fleeting')).not.toBe(id)
    expect((await call('GET', `/robots/${idOf(robot)}`)).status).toBe(404)
  })

  it('is counted in its summary, as far as the caller may see', async () => {
    await createProject(registry(), 'counted', true)
    const [developer, guest] = [await createUser(registry()), await createUser(registry())]
    await addMember(registry(), 'counted', developer, 'developer')
    await addMember(registry(), 'counted', guest, 'limitedGuest')
    const { bytes } = await pushImage(registry(), 'counted/app', 'v1')
    const summary = async (auth: string | undefined) =>
      bodyOf<{ quota?: { used: { storage: number } } }>(await call('GET', '/projects/counted/summary', { auth }))
    const seen = await summary(developer.auth)
    expect(seen).toEqual({
      repo_count: 1,
      project_admin_count: 1,
      developer_count: 1,
      limited_guest_count: 1,
      quota: { hard: { storage: -1 }, used: { storage: expect.any(Number) } },
    })
    expect(seen.quota?.used.storage).toBeGreaterThan(bytes.length)
    expect(await summary(guest.auth)).toEqual({ repo_count: 1, quota: seen.quota })
    expect(await summary(undefined)).toEqual({ repo_count: 1 })
  })

  it('is in the ledger with every change, and who made it', async () => {
    const id = idOf(await call('POST', '/projects', { json: { project_name: 'recorded' }, auth: user.auth }))
    await call('PUT', `/projects/${id}`, { json: { metadata: { public: 'true' } }, auth: user.auth })
    await call('DELETE', `/projects/${id}`)
    const rows = await registry().query('select actor, action, object from ledger where project_id = $1 order by id', [
      id,
    ])
    expect(rows).toEqual([
      { actor: `user:${user.name}`, action: 'project.create', object: 'project recorded' },
      { actor: `user:${user.name}`, action: 'project.update', object: 'project recorded' },
      { actor: 'user:admin', action: 'project.delete', object: 'project recorded' },
    ])
  })
})

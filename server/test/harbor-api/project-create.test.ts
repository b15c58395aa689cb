import { beforeAll, describe, expect, it } from 'vitest'
import { createUser, type TestUser } from '../accounts.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'

const registry = sharedRegistry()
const call = caller(registry)
let user: TestUser

beforeAll(async () => {
  user = await createUser(registry())
})

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const never = '0001-01-01T00:00:00.000Z'

describe('a new project', () => {
  it('is private, belongs to its maker, and is shown whole', async () => {
    const made = await call('POST', '/projects', { json: { project_name: 'made' }, auth: user.auth })
    const id = idOf(made)
    expect([made.headers.location, made.text]).toEqual([`/api/v2.0/projects/${id}`, ''])
    const answer = await call('GET', '/projects/made', { auth: user.auth })
    expect(answer.text.endsWith('\n')).toBe(true)
    expect(bodyOf(answer)).toEqual({
      project_id: id,
      name: 'made',
      owner_id: user.id,
      owner_name: user.name,
      repo_count: 0,
      metadata: { public: 'false' },
      current_user_role_id: 1,
      current_user_role_ids: [1],
      cve_allowlist: { id, project_id: id, items: [], creation_time: never, update_time: never },
      creation_time: expect.stringMatching(rfc3339),
      update_time: expect.stringMatching(rfc3339),
    })
  })

  it.each([
    ['the old member', { public: true }, 'true'],
    ['metadata', { metadata: { public: 'true' } }, 'true'],
    ['metadata against the old member', { public: true, metadata: { public: 'false' } }, 'false'],
    ['null', { public: null, metadata: null, storage_limit: null, registry_id: null }, 'false'],
  ])('is public by %s', async (name, extra, shown) => {
    const project_name = name.replaceAll(' ', '-')
    idOf(await call('POST', '/projects', { json: { project_name, ...extra } }))
    const { metadata } = bodyOf<{ metadata: object }>(await call('GET', `/projects/${project_name}`))
    expect(metadata).toEqual({ public: shown })
  })

  it('takes settings and an allowlist along', async () => {
    const metadata = { public: 'true', prevent_vul: 'true', severity: 'High', made_up: 'ignored' }
    const cve_allowlist = { items: [{ cve_id: 'CVE-2026-1' }], expires_at: 4_000_000_000 }
    idOf(await call('POST', '/projects', { json: { project_name: 'equipped', metadata, cve_allowlist } }))
    expect(bodyOf(await call('GET', '/projects/equipped'))).toMatchObject({
      metadata: { public: 'true', prevent_vul: 'true', severity: 'high' },
      cve_allowlist,
    })
  })

  it('is placed by its name when asked to', async () => {
    const headers = { 'x-resource-name-in-location': 'true' }
    const answer = await call('POST', '/projects', { json: { project_name: 'placed' }, headers })
    expect(answer.headers.location).toBe('/api/v2.0/projects/placed')
  })

  it('may have a name of 255 characters', async () => {
    const name = 'n'.repeat(255)
    idOf(await call('POST', '/projects', { json: { project_name: name } }))
    expect(bodyOf(await call('GET', `/projects/${name}`))).toMatchObject({ name })
  })

  const bad = 'project name is not in lower case or contains illegal characters'
  it.each([
    ['Upper', 400, 'BAD_REQUEST', bad],
    ['a b', 400, 'BAD_REQUEST', bad],
    ['a/b', 400, 'BAD_REQUEST', bad],
    ['-a', 400, 'BAD_REQUEST', bad],
    ['a-', 400, 'BAD_REQUEST', bad],
    ['a__b', 400, 'BAD_REQUEST', bad],
    ['', 400, 'BAD_REQUEST', 'Project name  is illegal in length. (greater than 255 or less than 1)'],
    [undefined, 400, 'BAD_REQUEST', 'Project name  is illegal in length. (greater than 255 or less than 1)'],
    ['library', 409, 'CONFLICT', 'The project named library already exists'],
    [
      'n'.repeat(256),
      422,
      'UNPROCESSABLE_ENTITY',
      'validation failure list:\nproject_name in body should be at most 255 chars long',
    ],
  ])('is not made with the name %j', async (name, ...refusal) => {
    expect(refusalOf(await call('POST', '/projects', { json: { project_name: name } }))).toEqual(refusal)
  })

  it.each([
    ['a visibility that is none', { metadata: { public: 'yes' } }, 'metadata.public is "true" or "false", not "yes"'],
    ['a setting that is none', { metadata: { auto_scan: 'perhaps' } }, 'invalid value: perhaps'],
    ['a proxy', { registry_id: 1 }, 'registry_id: proxy cache projects are not supported; leave it out'],
    ['a limit', { storage_limit: 1 }, 'storage_limit: limits are not enforced yet; leave it out, or give -1'],
  ])('is not made with %s', async (_, extra, sentence) => {
    const answer = await call('POST', '/projects', { json: { project_name: 'unmade', ...extra } })
    expect(refusalOf(answer)).toEqual([400, 'BAD_REQUEST', sentence])
    expect((await call('HEAD', '/projects?project_name=unmade')).status).toBe(404)
  })

  it('is made by administrators only, when that is what is set', async () => {
    const project_name = 'restricted'
    // Without a name it is only seen who may.
    const attempt = async () => (await call('POST', '/projects', { json: {}, auth: user.auth })).status
    const restrict = (to: string) => call('PUT', '/configurations', { json: { project_creation_restriction: to } })
    expect((await restrict('adminonly')).status).toBe(200)
    try {
      await expect.poll(attempt).toBe(403)
      const refused = await call('POST', '/projects', { json: { project_name }, auth: user.auth })
      expect(refusalOf(refused)).toEqual([403, 'FORBIDDEN', 'Only system admin can create project'])
      expect((await call('POST', '/projects', { json: { project_name } })).status).toBe(201)
    } finally {
      await restrict('everyone')
      await expect.poll(attempt).toBe(400)
    }
  })
})

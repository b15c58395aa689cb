import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, roleIds, tokenFor } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { blobOf, pushBlob, pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const actions = ['pull', 'push', 'delete', 'mount-from'] as const
type Action = (typeof actions)[number]

/** What each may do: in a private project, and in a public one. */
const table: Readonly<Record<string, readonly [readonly Action[], readonly Action[]]>> = {
  admin: [actions, actions],
  projectAdmin: [actions, actions],
  maintainer: [actions, actions],
  developer: [
    ['pull', 'push', 'mount-from'],
    ['pull', 'push', 'mount-from'],
  ],
  guest: [
    ['pull', 'mount-from'],
    ['pull', 'mount-from'],
  ],
  limitedGuest: [
    ['pull', 'mount-from'],
    ['pull', 'mount-from'],
  ],
  none: [[], ['pull', 'mount-from']],
  anonymous: [[], ['pull']],
}
const projects = ['private', 'public'] as const
const auths = new Map<string, string | undefined>([
  ['admin', admin],
  ['anonymous', undefined],
])
const layer = blobOf()

beforeAll(async () => {
  for (const project of projects) {
    await createProject(registry(), project, project === 'public')
    await pushImage(registry(), `${project}/app`, 'v1')
    await pushBlob(registry(), `${project}/app`, layer)
  }
  await createProject(registry(), 'target')
  for (const role of Object.keys(table)) {
    if (auths.has(role)) continue
    const user = await createUser(registry(), role)
    auths.set(role, user.auth)
    await addMember(registry(), 'target', user, 'developer')
    if (!isRoleName(role)) continue
    for (const project of projects) await addMember(registry(), project, user, role)
  }
})

function isRoleName(role: string): role is keyof typeof roleIds {
  return role in roleIds
}

/** The status of a request that takes the action, with this credential. */
async function attempt(action: Action, project: string, auth: string | undefined): Promise<number> {
  const ask = (method: string, path: string) => registry().ask(method, path, { auth })
  switch (action) {
    case 'pull':
      return (await ask('GET', `/v2/${project}/app/manifests/v1`)).status
    case 'push':
      return (await ask('POST', `/v2/${project}/app/blobs/uploads/`)).status
    case 'delete':
      return (await ask('DELETE', `/v2/${project}/app/manifests/nosuch`)).status
    case 'mount-from':
      return (await ask('POST', `/v2/target/app/blobs/uploads/?mount=${layer.digest}&from=${project}/app`)).status
  }
}

const scopes = (project: string) => [`repository:${project}/app:pull,push,delete`, 'repository:target/app:pull,push']
const done: Readonly<Record<Action, number>> = { pull: 200, push: 202, delete: 404, 'mount-from': 201 }

describe.each(Object.keys(table))('%s', (role) => {
  it.each(projects)('in a %s project', async (project) => {
    const may = table[role]?.[project === 'public' ? 1 : 0] ?? []
    const auth = auths.get(role)
    const token = await tokenFor(registry(), auth, ...scopes(project))
    for (const action of actions) {
      const allowed = may.includes(action)
      // Where the source may not be read, the client is asked to upload; nobody may mount into `target` unknown.
      const refused = action === 'mount-from' && role !== 'anonymous' ? 202 : undefined
      const withToken = await attempt(action, project, token)
      expect([action, withToken]).toEqual([action, allowed ? done[action] : (refused ?? deniedStatus(role))])
      const bare = await attempt(action, project, auth)
      const expected = role === 'anonymous' ? 401 : allowed ? done[action] : (refused ?? 403)
      expect([action, bare]).toEqual([action, expected])
      if (action === 'mount-from') await registry().ask('DELETE', `/v2/target/app/blobs/${layer.digest}`)
    }
  })
})

/** Who is known and may not is refused; who is not known is asked to log in. */
function deniedStatus(role: string): number {
  return role === 'anonymous' ? 401 : 403
}

it('says who may not do what, and why', async () => {
  const [guest, none] = ['guest', 'none'].map((role) => auths.get(role))
  const push = await registry().ask('POST', '/v2/private/app/blobs/uploads/', { auth: guest })
  expect(errorOf(push)).toEqual({
    code: 'DENIED',
    message: 'guest may not push in project private: the role held there does not allow it',
  })
  const sentence = (project: string) => `none may not pull in project ${project}: no such project, or no role in it`
  for (const project of ['private', 'nosuch']) {
    const pull = await registry().ask('GET', `/v2/${project}/app/manifests/v1`, { auth: none })
    expect(pull.status).toBe(403)
    expect(errorOf(pull)).toEqual({ code: 'DENIED', message: sentence(project) })
  }
})

it('lets a token do less than its owner may', async () => {
  const token = await tokenFor(registry(), admin, 'repository:private/app:pull')
  expect(await attempt('pull', 'private', token)).toBe(200)
  expect(await attempt('push', 'private', token)).toBe(401)
  expect(await attempt('delete', 'private', token)).toBe(401)
  expect(await attempt('pull', 'public', token)).toBe(401)
})

it('takes a role away at once', async () => {
  const user = await createUser(registry())
  await addMember(registry(), 'private', user, 'developer')
  const token = await tokenFor(registry(), user.auth, ...scopes('private'))
  expect(await attempt('push', 'private', token)).toBe(202)
  await registry().query('delete from member where user_id = $1', [user.id])
  for (const auth of [token, user.auth]) expect(await attempt('push', 'private', auth)).toBe(403)
})

it('takes a deleted account away at once', async () => {
  const user = await createUser(registry())
  await addMember(registry(), 'private', user, 'developer')
  const token = await tokenFor(registry(), user.auth, ...scopes('private'))
  for (const auth of [token, user.auth]) expect(await attempt('pull', 'private', auth)).toBe(200)
  expect((await registry().ask('DELETE', `/api/v2.0/users/${user.id}`)).status).toBe(200)
  for (const auth of [token, user.auth]) {
    for (const action of ['pull', 'push'] as const) expect(await attempt(action, 'private', auth)).toBe(401)
  }
})

it('makes a project private at once', async () => {
  const project = 'turns-private'
  await createProject(registry(), project, true)
  await pushImage(registry(), `${project}/app`, 'v1')
  const token = await tokenFor(registry(), undefined, `repository:${project}/app:pull`)
  expect(await attempt('pull', project, token)).toBe(200)
  await registry().query('update project set public = false where name = $1', [project])
  expect(await attempt('pull', project, token)).toBe(401)
})

import { randomBytes } from 'node:crypto'
import { type Answer, basic } from './client.ts'
import type { TestRegistry } from './registry.ts'

export interface TestUser {
  readonly id: number
  readonly name: string
  readonly auth: string
}

export async function createUser(
  registry: TestRegistry,
  name = `user-${randomBytes(4).toString('hex')}`,
): Promise<TestUser> {
  const password = 'Passw0rd-of-tests'
  const answer = await post(registry, '/api/v2.0/users', {
    username: name,
    password,
    email: `${name}@example.com`,
    realname: name,
  })
  return { id: idOf(answer), name, auth: basic(name, password) }
}

export async function createProject(registry: TestRegistry, name: string, isPublic = false): Promise<number> {
  return idOf(
    await post(registry, '/api/v2.0/projects', { project_name: name, metadata: { public: String(isPublic) } }),
  )
}

/** Harbor's ids of roles. */
export const roleIds = { projectAdmin: 1, developer: 2, guest: 3, maintainer: 4, limitedGuest: 5 } as const

export async function addMember(
  registry: TestRegistry,
  project: string,
  user: TestUser,
  role: keyof typeof roleIds,
): Promise<void> {
  const body = { role_id: roleIds[role], member_user: { username: user.name } }
  await post(registry, `/api/v2.0/projects/${project}/members`, body)
}

/** A registry token with these scopes, such as `repository:library/app:pull`. */
export async function tokenFor(registry: TestRegistry, auth: string | undefined, ...scopes: string[]): Promise<string> {
  const query = new URLSearchParams([['service', 'harbor-registry'], ...scopes.map((scope) => ['scope', scope])])
  const answer = await registry.ask('GET', `/service/token?${query}`, { auth })
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`)
  return `Bearer ${(JSON.parse(answer.text) as { token: string }).token}`
}

async function post(registry: TestRegistry, path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const answer = await registry.ask('POST', path, { headers, body: JSON.stringify(body) })
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`)
  return answer
}

function idOf({ headers }: Answer): number {
  return Number(headers.location?.split('/').at(-1))
}

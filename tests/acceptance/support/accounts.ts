import { randomUUID } from 'node:crypto'
import type { Breakwater } from './breakwater.ts'
import { type Account, send } from './http.ts'

const roleIds = { projectAdmin: 1, developer: 2, guest: 3, maintainer: 4, limitedGuest: 5 } as const

/** A role in a project, as Harbor's API numbers them. */
export type Role = keyof typeof roleIds

async function post({ url, admin }: Breakwater, path: string, body: unknown): Promise<string> {
  const reply = await send(`${url}/api/v2.0${path}`, { method: 'POST', account: admin, body })
  if (reply.status !== 201) throw new Error(`POST ${path} was answered with ${reply.status}: ${reply.body}`)
  return reply.body
}

export async function createProject(server: Breakwater, name: string, options = { public: false }): Promise<void> {
  await post(server, '/projects', { project_name: name, public: options.public })
}

export async function createUser(server: Breakwater, user: string): Promise<Account> {
  const password = `Bb2-${randomUUID()}`
  await post(server, '/users', { username: user, password, email: `${user}@example.com`, realname: user })
  return { user, password }
}

export async function addMember(server: Breakwater, project: string, { user }: Account, role: Role): Promise<void> {
  await post(server, `/projects/${project}/members`, { role_id: roleIds[role], member_user: { username: user } })
}

/** A robot of the system that may do these things in these projects. */
export async function createRobot(
  server: Breakwater,
  name: string,
  projects: readonly string[],
  actions: readonly ('pull' | 'push')[],
): Promise<Account> {
  const access = actions.map((action) => ({ resource: 'repository', action }))
  const permissions = projects.map((namespace) => ({ kind: 'project', namespace, access }))
  const made = await post(server, '/robots', { name, duration: -1, level: 'system', permissions })
  const { name: user, secret: password } = JSON.parse(made) as { name: string; secret: string }
  return { user, password }
}

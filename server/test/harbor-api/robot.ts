import { basic } from '../client.ts'
import { type Caller, idOf } from './call.ts'

export interface TestRobot {
  readonly id: number
  /** With prefix. */
  readonly name: string
  readonly secret: string
  readonly auth: string
}

export interface Permissions {
  readonly kind: 'project' | 'system'
  readonly namespace: string
  readonly access: readonly { readonly resource: string; readonly action: string; readonly effect?: string }[]
}

/** What `resource:action …` in a project, in every project (`*`) or in the system (`/`) is in a request. */
export function grant(namespace: string, ...permissions: readonly string[]): Permissions {
  const access = permissions.map((permission) => {
    const [resource = '', action = ''] = permission.split(':')
    return { resource, action }
  })
  return { kind: namespace === '/' ? 'system' : 'project', namespace, access }
}

/** A robot that never ends. It is the system's unless `level` says otherwise. */
export async function createRobot(
  call: Caller,
  name: string,
  permissions: readonly Permissions[],
  { level = 'system', ...ask }: { level?: 'system' | 'project'; auth?: string } = {},
): Promise<TestRobot> {
  const answer = await call('POST', '/robots', { json: { name, level, duration: -1, permissions }, ...ask })
  const id = idOf(answer)
  const made = JSON.parse(answer.text) as { name: string; secret: string }
  return { id, name: made.name, secret: made.secret, auth: basic(made.name, made.secret) }
}

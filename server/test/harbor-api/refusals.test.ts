import { type OperationShape, operations } from '@breakwater/harbor-contract'
import { beforeAll, describe, expect, it } from 'vitest'
import { createProject, createUser, type TestUser } from '../accounts.ts'
import { sharedRegistry } from '../registry.ts'
import { caller } from './call.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)
let somebody: TestUser

beforeAll(async () => {
  await createProject(registry(), 'closed')
  somebody = await createUser(registry(), 'somebody')
})

interface Refusal {
  readonly actor: string
  readonly action: string
  readonly reason: string
}

/** What the ledger counts of refusals by now, of one request: those that came since. */
async function refusalsOf(request: () => Promise<unknown>): Promise<Refusal[]> {
  const all = () => registry().query<Refusal & { count: number }>('select actor, action, reason, count from refusal')
  const key = ({ actor, action, reason }: Refusal) => `${actor} ${action} ${reason}`
  const counts = new Map<string, number>()
  for (const row of await all()) counts.set(key(row), (counts.get(key(row)) ?? 0) + row.count)
  await request()
  const after = new Map<string, Refusal & { count: number }>()
  for (const row of await all()) {
    const sum = row.count + (after.get(key(row))?.count ?? 0)
    after.set(key(row), { ...row, count: sum })
  }
  return [...after]
    .filter(([name, { count }]) => count > (counts.get(name) ?? 0))
    .map(([, { actor, action, reason }]) => ({ actor, action, reason }))
}

/** Values that no path needs to be right: the refusal comes first. */
function pathOf({ path }: OperationShape): string {
  return path
    .replace(/\{project_name(?:_or_id)?\}/, 'closed')
    .replace('{addition}', 'build_history')
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => (/_id$|^id$|^mid$/.test(name) ? '999999' : 'x'))
}

// What operations want to know before they ask who wants to know.
const query = 'username=x&groupname=x&project_name=x&scope=g&from=closed/app:x'

const all = Object.entries(operations as Readonly<Record<string, OperationShape>>)
// What Harbor gives to everybody, or to nobody with this way to sign in.
const open = [
  'getPing',
  'getHealth',
  'getSystemInfo',
  'getCert',
  'search',
  'listProjects',
  'listAllRepositories',
  'setCliSecret',
]

describe('is in the ledger:', () => {
  it.each(all.filter(([id]) => !open.includes(id)))('%s for nobody', async (_, operation) => {
    const json = operation.body ? { name: 'x', scope: 'g' } : undefined
    let status = 0
    const refusals = await refusalsOf(async () => {
      const answer = await call(operation.method, `${pathOf(operation)}?${query}`, {
        auth: undefined,
        ...(json === undefined ? {} : { json }),
      })
      status = answer.status
    })
    expect(status).toBe(401)
    expect(refusals).toEqual([{ actor: 'anonymous', action: expect.stringMatching(/^[\w-]+:\w+$/), reason: 'login' }])
  })

  it('a robot that would give more than it has', async () => {
    const maker = await createRobot(call, 'maker', [grant('/', 'robot:create'), grant('closed', 'tag:list')])
    const json = { name: 'more', level: 'system', duration: -1, permissions: [grant('closed', 'repository:push')] }
    const refusals = await refusalsOf(async () => {
      expect((await call('POST', '/robots', { json, auth: maker.auth })).status).toBe(403)
    })
    expect(refusals).toEqual([{ actor: 'robot:maker', action: 'robot:create', reason: 'rule' }])
    const [entry] = JSON.parse((await call('GET', '/auditlog-exts?q=operation_result%3Dfalse')).text)
    expect(entry).toMatchObject({ username: 'robot$maker', operation: 'create', resource_type: 'robot' })
  })

  it('a wrong password in the change of a password, once', async () => {
    const json = { old_password: 'Wr0ng-one', new_password: 'An0ther-one' }
    const refusals = await refusalsOf(async () => {
      const answer = await call('PUT', `/users/${somebody.id}/password`, { json, auth: somebody.auth })
      expect(answer.status).toBe(403)
    })
    expect(refusals).toEqual([{ actor: 'user:somebody', action: 'login', reason: 'bad-password' }])
  })
})

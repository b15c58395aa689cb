import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { basic } from '../../server/test/client.ts'
import { pushImage } from '../../server/test/content.ts'
import { caller, idOf } from '../../server/test/harbor-api/call.ts'
import { createRobot, grant } from '../../server/test/harbor-api/robot.ts'
import { sharedState } from './fixture.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

const password = 'Passw0rd-x'

/** What somebody may do until it is taken away. */
interface Right {
  readonly auth: string
  readonly project: string
  readonly revoke: readonly [method: string, path: string, json?: unknown]
}

/** One of each way to lose a right, made at `server`: in a project of its own, with an image to pull. */
async function makeRights(server: ServerProcess): Promise<Readonly<Record<string, Right>>> {
  const call = caller(() => server)
  const makeProject = async (name: string, isPublic = 'false') => {
    idOf(await call('POST', '/projects', { json: { project_name: name, metadata: { public: isPublic } } }))
    await pushImage(server, `${name}/app`, 'v1')
  }
  const makeUser = async (username: string) => {
    const json = { username, password, email: `${username}@example.com`, realname: username }
    return { id: idOf(await call('POST', '/users', { json })), auth: basic(username, password) }
  }
  const makeMember = async (username: string, project: string) => {
    const user = await makeUser(username)
    const json = { role_id: 2, member_user: { username } }
    const member = idOf(await call('POST', `/projects/${project}/members`, { json }))
    return { ...user, member }
  }
  for (const name of ['left', 'removed', 'robots', 'hidden']) await makeProject(name, String(name === 'hidden'))
  const leaver = await makeMember('leaver', 'left')
  const removed = await makeMember('removed', 'removed')
  const outsider = await makeUser('outsider')
  const robot = await createRobot(call, 'r', [grant('robots', 'repository:pull')], { level: 'project' })
  const json = JSON.parse((await call('GET', `/robots/${robot.id}`)).text) as object
  return {
    'account deleted': { auth: leaver.auth, project: 'left', revoke: ['DELETE', `/users/${leaver.id}`] },
    'member removed': {
      auth: removed.auth,
      project: 'removed',
      revoke: ['DELETE', `/projects/removed/members/${removed.member}`],
    },
    'robot disabled': {
      auth: robot.auth,
      project: 'robots',
      revoke: ['PUT', `/robots/${robot.id}`, { ...json, disable: true }],
    },
    'project private': {
      auth: outsider.auth,
      project: 'hidden',
      revoke: ['PUT', '/projects/hidden', { metadata: { public: 'false' } }],
    },
  }
}

async function tokenAt(server: ServerProcess, { auth, project }: Right): Promise<string> {
  const query = `service=harbor-registry&scope=repository:${project}/app:pull`
  const answer = await server.ask('GET', `/service/token?${query}`, { auth })
  return `Bearer ${(JSON.parse(answer.text) as { token: string }).token}`
}

/** Ends every connection to the database that is not at work: those that would listen for a notification, too. */
async function cutConnections(connection: pg.ClientConfig): Promise<number> {
  const client = new pg.Client(connection)
  await client.connect()
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid, 2000) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'`,
  )
  await client.end()
  return rowCount ?? 0
}

describe('what one process takes away, another refuses at the next request', () => {
  it.each([
    ['with its connections', false],
    ['with its connections to the database cut before, so that no notification reaches it', true],
  ] as const)('%s', { timeout: 60_000 }, async (_, cut) => {
    const { env, database } = await sharedState()
    await using first = await startServerProcess(env)
    await using second = await startServerProcess(env)
    const rights = Object.entries(await makeRights(first))
    const pull = async (auth: string, project: string) =>
      (await second.ask('GET', `/v2/${project}/app/manifests/v1`, { auth })).status
    const tokens = new Map<string, string>()
    for (const [way, right] of rights) {
      const token = await tokenAt(second, right)
      tokens.set(way, token)
      expect([way, await pull(right.auth, right.project), await pull(token, right.project)]).toEqual([way, 200, 200])
    }
    for (const [way, { auth, project, revoke }] of rights) {
      if (cut) expect(await cutConnections(database.connection)).toBeGreaterThan(0)
      const [method, path, json] = revoke
      expect((await caller(() => first)(method, path, { json })).status).toBe(200)
      for (const credential of [auth, tokens.get(way) ?? '']) {
        expect([way, await pull(credential, project)]).toEqual([way, expect.toBeOneOf([401, 403, 404])])
      }
    }
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { createProject } from '../accounts.ts'
import { basic } from '../client.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, refusalOf } from './call.ts'
import { createRobot, grant, type TestRobot } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)

/** Whether a robot with `project:read` in the project may log in. */
const works = async (auth: string) => (await call('GET', '/projects/team', { auth })).status === 200

beforeAll(async () => {
  await createProject(registry(), 'team')
})

describe('a robot’s secret', () => {
  let robot: TestRobot
  const patch = (json: object) => call('PATCH', `/robots/${robot.id}`, { json })

  beforeAll(async () => {
    robot = await createRobot(call, 'rotated', [grant('team', 'project:read')])
  })

  it('is replaced by another, at once', async () => {
    expect(await works(robot.auth)).toBe(true)
    const { secret } = bodyOf<{ secret: string }>(await patch({ secret: '' }))
    expect(await works(robot.auth)).toBe(false)
    expect(await works(basic(robot.name, secret))).toBe(true)
  })

  it('may be chosen', async () => {
    const answer = await patch({ secret: 'Chosen-by-1' })
    expect(bodyOf(answer)).toEqual({})
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await works(basic(robot.name, 'Chosen-by-1'))).toBe(true)
  })

  it.each(['short1A', 'nodigitsAtAll', 'no-upper-case-1', 'NO-LOWER-CASE-1', `A1${'a'.repeat(127)}`])(
    'is not %s',
    async (secret) => {
      const sentence =
        'the secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number'
      expect(refusalOf(await patch({ secret }))).toEqual([400, 'BAD_REQUEST', sentence])
    },
  )

  it('is nowhere in the database, nor in what is shown later', async () => {
    const { secret } = bodyOf<{ secret: string }>(await patch({}))
    const tables = await registry().query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['robot', 'ledger', 'refusal']))
    const hex = Buffer.from(secret).toString('hex')
    for (const { name } of tables) {
      const rows = await registry().query(
        `select from "${name}" as one where strpos(one::text, $1) > 0 or strpos(one::text, $2) > 0`,
        [secret, hex],
      )
      expect([name, rows.length]).toEqual([name, 0])
    }
    for (const path of [`/robots/${robot.id}`, '/robots']) expect((await call('GET', path)).text).not.toContain(secret)
  })
})

describe('a robot does not log in', () => {
  it('while it is disabled, after its end, or once it is deleted', async () => {
    const robot = await createRobot(call, 'stopped', [grant('team', 'project:read')])
    const shown = bodyOf<object>(await call('GET', `/robots/${robot.id}`))
    const disable = async (disabled: boolean) => {
      const answer = await call('PUT', `/robots/${robot.id}`, { json: { ...shown, disable: disabled } })
      expect(answer.status).toBe(200)
      return works(robot.auth)
    }
    expect(await disable(false)).toBe(true)
    expect(await disable(true)).toBe(false)
    expect(await disable(false)).toBe(true)
    await registry().query(`update robot set expires_at = now() - interval '1 second' where id = $1`, [robot.id])
    expect(await works(robot.auth)).toBe(false)
    await registry().query('update robot set expires_at = null where id = $1', [robot.id])
    expect(await works(robot.auth)).toBe(true)
    expect((await call('DELETE', `/robots/${robot.id}`)).status).toBe(200)
    expect(await works(robot.auth)).toBe(false)
    const gone = [404, 'NOT_FOUND', `robot ${robot.id} not found`]
    expect(refusalOf(await call('DELETE', `/robots/${robot.id}`))).toEqual(gone)
  })
})

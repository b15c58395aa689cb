import { beforeAll, describe, expect, it } from 'vitest'
import { createProject, createUser, type TestUser } from '../accounts.ts'
import { basic } from '../client.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)
let owner: TestUser
let project: number

const pull = [grant('team', 'repository:pull')]
const day = 86_400

/** Whether a robot with `project:read` in the project may log in. */
const works = async (auth: string) => (await call('GET', '/projects/team', { auth })).status === 200

beforeAll(async () => {
  owner = await createUser(registry())
  project = idOf(await call('POST', '/projects', { json: { project_name: 'team' }, auth: owner.auth }))
  await createProject(registry(), 'other')
})

describe('a new robot', () => {
  it('lives as long as the settings say unless it says so itself', async () => {
    const json = { name: 'standard', level: 'project', permissions: pull }
    const made = await call('POST', '/robots', { json, auth: owner.auth })
    const { creation_time: from, expires_at: until } = JSON.parse(made.text) as {
      creation_time: string
      expires_at: number
    }
    expect(until).toBe(Math.floor(Date.parse(from) / 1000) + 30 * day)
    expect(bodyOf(await call('GET', `/robots/${idOf(made)}`))).toMatchObject({ duration: 30 })
    await call('DELETE', `/robots/${idOf(made)}`)
  })

  it('shows its secret once', async () => {
    const permissions = [grant('team', 'project:read', 'repository:pull')]
    const json = { name: 'ci', level: 'project', duration: 30, description: 'builds', permissions, secret: 'Chosen-1' }
    const made = await call('POST', '/robots', { json, auth: owner.auth })
    const id = idOf(made)
    expect(made.headers.location).toBe(`/api/v2.0/robots/${id}`)
    const { secret, ...shown } = JSON.parse(made.text) as { secret: string; creation_time: string }
    expect(secret).toMatch(/^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z\d]{32}$/)
    const expires_at = Math.floor(Date.parse(shown.creation_time) / 1000) + 30 * day
    expect(shown).toEqual({ id, name: 'robot$team+ci', creation_time: expect.any(String), expires_at })
    expect(bodyOf(await call('GET', `/robots/${id}`))).toEqual({
      ...shown,
      description: 'builds',
      level: 'project',
      duration: 30,
      editable: true,
      disable: false,
      permissions: [
        {
          kind: 'project',
          namespace: 'team',
          access: [
            { resource: 'project', action: 'read' },
            { resource: 'repository', action: 'pull' },
          ],
        },
      ],
      creator_type: 'local',
      creator_ref: owner.id,
      update_time: shown.creation_time,
    })
    expect(await works(basic('robot$team+ci', secret))).toBe(true)
    expect(await works(basic('robot$team+ci', 'Chosen-1'))).toBe(false)
    expect(await works(basic('team+ci', secret))).toBe(false)
  })

  it('never ends when that is asked for', async () => {
    const { id } = await createRobot(call, 'eternal', pull)
    expect(bodyOf(await call('GET', `/robots/${id}`))).toMatchObject({ duration: -1, expires_at: -1, level: 'system' })
  })

  it('lasts as long as is set where its request does not say', async () => {
    const json = { name: 'usual', level: 'system', permissions: pull }
    const id = idOf(await call('POST', '/robots', { json }))
    const { robot_token_duration: days } = bodyOf<{ robot_token_duration: { value: number } }>(
      await call('GET', '/configurations'),
    )
    expect(bodyOf(await call('GET', `/robots/${id}`))).toMatchObject({ duration: days.value })
  })

  it('has a name of its own in the system, and one in each project', async () => {
    await createRobot(call, 'twice', pull)
    await createRobot(call, 'twice', pull, { level: 'project' })
    await createRobot(call, 'twice', [grant('other', 'repository:pull')], { level: 'project' })
    const again = (level: string) =>
      call('POST', '/robots', { json: { name: 'twice', level, duration: -1, permissions: pull } })
    expect(refusalOf(await again('system'))).toEqual([409, 'CONFLICT', 'robot account 0:twice already exists'])
    const taken = [409, 'CONFLICT', `robot account ${project}:twice already exists`]
    expect(refusalOf(await again('project'))).toEqual(taken)
  })

  const duration = (days: number) =>
    `bad request error duration input: ${days}, duration must be either -1(Never) or a positive integer`
  const chars = 'robot name is not in lower case or contains illegal characters'
  const access = [{ resource: 'repository', action: 'pull' }]
  it.each<[string, object, number, string]>([
    ['no day', { duration: 0 }, 400, duration(0)],
    ['days before now', { duration: -2 }, 400, duration(-2)],
    ['more days than there are', { duration: 9_000_000_000 }, 400, duration(9_000_000_000)],
    ['no level', { level: undefined }, 400, 'bad request error level input: '],
    ['another level', { level: 'planet' }, 400, 'bad request error level input: planet'],
    ['a bad name', { name: 'CI' }, 400, chars],
    ['a name with a prefix', { name: 'robot$ci' }, 400, chars],
    ['no name', { name: '' }, 400, chars],
    ['no permission', { permissions: [] }, 400, 'bad request empty permission'],
    ['no access', { permissions: [{ ...pull[0], access: [] }] }, 400, 'bad request empty access'],
    ['a made-up resource', { permissions: [grant('team', 'foo:pull')] }, 400, 'bad request permission: foo:pull'],
    [
      'a permission of people',
      { permissions: [grant('team', 'robot:update')] },
      400,
      'bad request permission: robot:update',
    ],
    [
      'a project’s permission for the system',
      { permissions: [grant('/', 'tag:list')] },
      400,
      'bad request permission: tag:list',
    ],
    ['another kind', { permissions: [{ ...pull[0], kind: 'planet' }] }, 400, 'bad request permission level: planet'],
    [
      'a system permission in a project',
      { level: 'project', permissions: [{ ...grant('/', 'user:list'), namespace: 'team' }] },
      400,
      'bad request permission level: system',
    ],
    [
      'a denial',
      { permissions: [{ ...pull[0], access: [{ ...access[0], effect: 'deny' }] }] },
      400,
      'bad request effect of repository:pull: deny, it can only be allow',
    ],
    [
      'two projects for a project’s',
      { level: 'project', permissions: [...pull, grant('other', 'tag:list')] },
      400,
      'bad request permission',
    ],
    ['a project that is not there', { permissions: [grant('nosuch', 'tag:list')] }, 404, 'project nosuch not found'],
  ])('is not made with %s', async (_, changed, status, sentence) => {
    const json = { name: 'unmade', level: 'system', duration: 1, permissions: pull, ...changed }
    const answer = await call('POST', '/robots', { json })
    expect([answer.status, refusalOf(answer)[2]]).toEqual([status, sentence])
    expect(await registry().query(`select from robot where name = 'unmade'`)).toEqual([])
  })
})

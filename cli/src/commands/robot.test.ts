import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProject } from '../../../server/test/accounts.ts'
import { ask, basic } from '../../../server/test/client.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

describe('robot', () => {
  const create = ['robot', 'create', 'ci', '--project', 'plant', '--allow', 'pull,push']
  beforeAll(() => createProject(cli().registry, 'plant'))

  function login(name: string, password: string) {
    const scope = 'repository:plant/app:push'
    const query = new URLSearchParams({ service: 'harbor-registry', scope })
    return ask(cli().registry.origin, 'GET', `/service/token?${query}`, { auth: basic(name, password) })
  }

  test('is made, rotated, disabled, enabled and deleted', async () => {
    const made = await cli().good([...create, '--expires', '30d'])
    const [, first = ''] = /^Secret: (\w{32})$/m.exec(made) ?? []
    expect(made).toMatch(/^robot\$plant\+ci is there, and ends on 2\d{3}-\d\d-\d\d\.$/m)
    expect((await login('robot$plant+ci', first)).status).toBe(200)

    const file = join(cli().folder, 'ci.secret')
    expect(await cli().good(['robot', 'rotate', 'plant+ci', '--secret-file', file])).toContain(
      `Its secret is in ${file}.`,
    )
    const second = readFileSync(file, 'utf8').trim()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await login('robot$plant+ci', first)).status).toBe(401)
    expect((await login('robot$plant+ci', second)).status).toBe(200)

    expect(await cli().json(['robot', 'disable', 'robot$plant+ci'])).toMatchObject({ disable: true })
    expect((await login('robot$plant+ci', second)).status).toBe(401)
    expect(await cli().good(['robot', 'list', '--project', 'plant'])).toMatch(
      /^robot\$plant\+ci +disabled +2\S+ +repository:pull@plant repository:push@plant$/m,
    )
    expect(await cli().json(['robot', 'enable', 'ci', '--project', 'plant'])).toMatchObject({ disable: false })
    expect((await login('robot$plant+ci', second)).status).toBe(200)
    expect(await cli().good(['robot', 'show', 'plant+ci'])).toMatch(/^may +repository:pull@plant$/m)

    await cli().good(['robot', 'delete', 'plant+ci'])
    expect((await login('robot$plant+ci', second)).status).toBe(401)
    expect((await cli().run(['robot', 'delete', 'plant+ci'])).err).toContain(
      'There is no robot plant+ci in project plant.',
    )
  })

  test('of the system has rights everywhere, or beyond projects', async () => {
    const args = [
      'robot',
      'create',
      'mirror',
      '--all-projects',
      '--allow',
      'pull,verify',
      '--allow-system',
      'project:list',
    ]
    expect(await cli().json([...args, '--expires', 'never'])).toMatchObject({ name: 'robot$mirror', expires_at: -1 })
    expect(await cli().good(['robot', 'list'])).toMatch(/^robot\$mirror +active +never +\S+ \S+ \S+$/m)
    expect(await cli().good(['robot', 'show', 'mirror'])).toMatch(/^ *repository:verify@\*$/m)
    for (const name of ['mirror', 'robot$mirror']) {
      expect(await cli().json(['robot', 'show', name])).toMatchObject({ level: 'system' })
    }
    for (const name of ['xrobot$mirror', 'rror', 'plant+mirror']) {
      expect((await cli().run(['robot', 'show', name])).err).toContain(`There is no robot ${name}`)
    }
  })

  test('may be who calls', async () => {
    const args = ['robot', 'create', 'reader', '--project', 'plant', '--allow', 'project:read']
    const { secret } = await cli().json<{ secret: string }>(args)
    const env = { BREAKWATER_USER: 'robot$plant+reader', BREAKWATER_PASSWORD: secret }
    expect(await cli().json(['project', 'show', 'plant'], { env })).toMatchObject({ name: 'plant' })
    expect(await cli().run(['robot', 'list', '--project', 'plant'], { env })).toMatchObject({
      code: 1,
      err: expect.stringContaining("`breakwater why-access 'robot$plant+reader' …` says why"),
    })
    expect(await cli().good(['why-access', 'robot$plant+reader', 'robot:list', 'plant'], { env })).toContain(
      'Robot plant+reader is not granted robot:list in project plant: it is granted only project:read there.',
    )
  })

  test('a secret that could not be kept is not made', async () => {
    const file = join(cli().folder, 'no', 'such', 'folder')
    expect(
      (await cli().run(['robot', 'create', 'lost', '--project', 'plant', '--allow', 'pull', '--secret-file', file]))
        .code,
    ).toBe(1)
    expect(await cli().good(['robot', 'list', '--project', 'plant'])).not.toContain('lost')
    const taken = join(cli().folder, 'failed.secret')
    const wrong = await cli().run([
      'robot',
      'create',
      'bad',
      '--project',
      'plant',
      '--allow',
      'x:y',
      '--secret-file',
      taken,
    ])
    expect(wrong.err).toContain('bad request permission: x:y')
    expect([taken, `${taken}.new`].some((path) => existsSync(path))).toBe(false)
  })

  test.each([
    [['--allow', 'pull']],
    [['--project', 'plant']],
    [[]],
    [['--project', 'plant', '--all-projects', '--allow', 'pull']],
    [['--project', 'plant', '--allow', 'pull,,push']],
    [['--project', 'plant', '--allow', 'pull', '--expires', '30']],
  ])('create %j is wrong usage', async (args) => {
    expect((await cli().run(['robot', 'create', 'x', ...args])).code).toBe(2)
  })
})

import { expect, test } from 'vitest'
import { createProject, createUser } from '../../../server/test/accounts.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

test('members get, change and lose roles', async () => {
  await createProject(cli().registry, 'team')
  await createUser(cli().registry, 'alice')
  await cli().registry.query(`insert into user_group (name, type) values ('ops', 3)`)
  expect(await cli().good(['member', 'add', 'team', 'alice', '--role', 'guest'])).toBe(
    'User alice is guest of project team.\n',
  )
  await cli().good(['member', 'add', 'team', '--group', 'ops', '--role', 'maintainer'])
  expect(await cli().json(['member', 'set-role', 'team', 'alice', '--role', 'developer'])).toMatchObject({ role_id: 2 })
  const listed = await cli().good(['member', 'list', 'team'])
  expect(listed).toMatch(/^alice +user +developer$/m)
  expect(listed).toMatch(/^ops +group +maintainer$/m)
  await cli().good(['member', 'remove', 'team', 'alice'])
  expect((await cli().run(['member', 'remove', 'team', 'alice'])).err).toContain(
    'has no role of its own in project team',
  )
  expect((await cli().run(['member', 'add', 'team', 'alice', '--role', 'king'])).code).toBe(2)
  expect((await cli().run(['member', 'add', 'team', '--role', 'guest'])).code).toBe(2)
  expect((await cli().run(['member', 'add', 'team', 'nobody-here', '--role', 'guest'])).err).toContain(
    'nobody-here not found',
  )
})

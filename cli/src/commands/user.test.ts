import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, basic } from '../../../server/test/client.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

test('users are made, promoted, given passwords and deleted', async () => {
  const secret = join(cli().folder, 'bob.txt')
  writeFileSync(secret, 'First-pass1\n')
  await cli().good(['user', 'create', 'bob', '--email', 'bob@example.com', '--new-password-file', secret])
  const login = (password: string) =>
    ask(cli().registry.origin, 'GET', '/api/v2.0/users/current', { auth: basic('bob', password) })
  expect((await login('First-pass1')).status).toBe(200)
  const asBob = { env: { BREAKWATER_USER: 'bob', BREAKWATER_PASSWORD: 'First-pass1' }, input: 'Second-pass2' }
  await cli().good(['user', 'set-password', 'bob', '--new-password-file', '-'], asBob)
  expect((await login('First-pass1')).status).toBe(401)
  expect((await login('Second-pass2')).status).toBe(200)
  await cli().good(['user', 'set-password', 'bob', '--new-password-file', '-'], { input: 'Third-pass3\n' })
  expect((await login('Third-pass3')).status).toBe(200)
  expect(await cli().json(['user', 'set-admin', 'bob'])).toMatchObject({ username: 'bob', sysadmin_flag: true })
  expect(await cli().good(['user', 'list'])).toMatch(/^bob +yes +bob@example\.com +bob +2/m)
  expect(await cli().json(['user', 'set-admin', 'bob', '--revoke'])).toMatchObject({ sysadmin_flag: false })
  expect((await cli().run(['user', 'create', 'eve', '--email', 'eve@example.com'])).err).toContain(
    '--new-password-file',
  )
  await cli().good(['user', 'delete', 'bob'])
  expect((await cli().run(['user', 'delete', 'bob'])).err).toContain('There is no user bob.')
  expect(await cli().good(['user', 'list'])).not.toContain('bob')
})

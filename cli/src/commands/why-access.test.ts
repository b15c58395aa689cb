import { expect, test } from 'vitest'
import { addMember, createProject, createUser } from '../../../server/test/accounts.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

test('why-access says which grant decides, and asks as somebody else', async () => {
  await createProject(cli().registry, 'reasons')
  const user = await createUser(cli().registry, 'rita')
  await addMember(cli().registry, 'reasons', user, 'guest')
  expect(await cli().good(['why-access', 'rita', 'pull', 'reasons'])).toBe(
    [
      'Allowed.',
      '  no   User rita is no system administrator.',
      '  yes  User rita is guest of project reasons, and that role holds repository:pull.',
      '  no   Project reasons is not public.',
      '',
    ].join('\n'),
  )
  expect(await cli().json(['why-access', 'rita', 'push', 'reasons/app'])).toMatchObject({ allowed: false })
  expect(await cli().good(['why-access', 'nobody-here', 'push', 'reasons'])).toBe(
    'Not allowed. User nobody-here does not exist.\n',
  )
  const asRita = { env: { BREAKWATER_PASSWORD: 'Passw0rd-of-tests' } }
  expect(await cli().good(['why-access', 'rita', 'pull', 'reasons', '--user', 'rita'], asRita)).toMatch(/^Allowed/)
  const other = await cli().run(['why-access', 'admin', 'pull', 'reasons', '--user', 'rita'], asRita)
  expect(other).toMatchObject({ code: 1, err: expect.stringContaining('rita may not do this') })
  expect((await cli().run(['why-access', 'rita', 'pull'])).code).toBe(2)
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { adminPassword } from '../../../server/test/registry.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

describe('the connection', () => {
  const list = ['project', 'list']

  test('a wrong password is no anonymous list', async () => {
    const wrong = await cli().run(list, { env: { BREAKWATER_PASSWORD: 'wrong' } })
    expect(wrong).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('does not accept this password for admin'),
    })
  })

  test('a password comes from standard input, or from the file of the local registry', async () => {
    const none = { BREAKWATER_PASSWORD: undefined }
    await cli().good([...list, '--password-stdin'], { env: none, input: `${adminPassword}\n` })
    const local = { ...none, BREAKWATER_DATA_DIR: cli().folder, BREAKWATER_LISTEN: new URL(cli().registry.origin).host }
    writeFileSync(join(cli().folder, 'admin-password'), `${adminPassword}\n`)
    await cli().good(list, { env: local })
    const elsewhere = await cli().run(list, { env: { ...local, BREAKWATER_LISTEN: '127.0.0.1:1' } })
    expect(elsewhere).toMatchObject({ code: 2, err: expect.stringContaining('set BREAKWATER_PASSWORD') })
    expect((await cli().run([...list, '--user', 'rita'], { env: local })).code).toBe(2)
  })

  test.each([
    ['http://registry.example.com', 'Use https://'],
    ['registry.example.com', 'is no URL'],
    ['ftp://127.0.0.1', 'has to begin with https://'],
    ['https://me:secret@127.0.0.1', 'must not hold a name or password'],
    ['https://127.0.0.1/harbor', 'has to end after the host and port'],
  ])('%s is refused', async (url, reason) => {
    expect(await cli().run([...list, '--url', url])).toMatchObject({ code: 2, err: expect.stringContaining(reason) })
  })

  test("the client's variables are nothing to the server's configuration", async () => {
    const env = { BREAKWATER_USER: 'x' }
    expect((await cli().run(['config'], { env })).code).toBe(0)
  })
})

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sharedState, temporaryFolder } from './fixture.ts'
import { startServerProcess } from './server-process.ts'

it('two processes with different secret keys: the second ends and says why', { timeout: 40_000 }, async () => {
  const { env, dataDir } = await sharedState()
  await using first = await startServerProcess(env)
  const remedy = 'Give every replica the same secretKey, or restore the secret.key file that belongs to the database.'
  const elsewhere = temporaryFolder()
  const generated = startServerProcess({
    ...env,
    BREAKWATER_DATA_DIR: elsewhere,
    BREAKWATER_STORE_ROOT: join(dataDir, 'store'),
  })
  await expect(generated).rejects.toThrow(
    `${join(elsewhere, 'secret.key')} is not the secret key that this database was set up with. ${remedy}`,
  )
  const configured = startServerProcess({ ...env, BREAKWATER_SECRET_KEY: 'x'.repeat(32) })
  await expect(configured).rejects.toThrow(`secretKey (BREAKWATER_SECRET_KEY) is not the secret key`)
  expect((await first.ask('GET', '/v2/')).status).toBe(200)
})

it("two processes with the same secret key take one another's tokens", { timeout: 40_000 }, async () => {
  const { env } = await sharedState()
  await using first = await startServerProcess(env)
  await using second = await startServerProcess(env)
  const answer = await first.ask('GET', '/service/token?service=harbor-registry&scope=repository:library/app:pull')
  const { token } = JSON.parse(answer.text) as { token: string }
  const list = await second.ask('GET', '/v2/library/app/tags/list', { auth: `Bearer ${token}` })
  expect(list.status).toBe(404)
})

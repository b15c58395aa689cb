import { join } from 'node:path'
import { expect, it } from 'vitest'
import { errorOf } from '../../server/test/client.ts'
import { pushImage } from '../../server/test/content.ts'
import { startWireProxy } from '../../server/test/wire-proxy.ts'
import { sharedState } from './fixture.ts'
import { startServerProcess } from './server-process.ts'

it('a database that swallows what it is sent makes 503 and no endless wait', { timeout: 90_000 }, async () => {
  const { env, database } = await sharedState()
  const { host, port, user, database: name } = database.connection
  await using proxy = await startWireProxy({ path: join(host, `.s.PGSQL.${port}`) })
  const url = `postgres://${user}@127.0.0.1:${proxy.port}/${name}`
  await using server = await startServerProcess({ ...env, BREAKWATER_DATABASE_URL: url })
  const image = await pushImage(server, 'library/app', 'v1')
  const pull = () => server.ask('GET', '/v2/library/app/manifests/v1')
  const upload = () => server.ask('POST', '/v2/library/app/blobs/uploads/')

  proxy.hold()
  for (const answer of await Promise.all([pull(), upload(), server.ask('GET', '/api/v2.0/projects')])) {
    expect(answer.status).toBe(503)
    expect(errorOf(answer).message).toBe('the database is not reachable; try again in a few seconds')
  }
  await proxy.restore()
  await expect.poll(async () => (await upload()).status, { timeout: 30_000 }).toBe(202)
  expect((await pull()).bytes.equals(image.bytes)).toBe(true)
})

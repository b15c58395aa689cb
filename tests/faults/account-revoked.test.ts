import { expect, it } from 'vitest'
import { basic } from '../../server/test/client.ts'
import { sharedState } from './fixture.ts'
import { startServerProcess } from './server-process.ts'

it('an account that one process deletes is gone for another at once', { timeout: 40_000 }, async () => {
  const { env } = await sharedState()
  await using first = await startServerProcess(env)
  await using second = await startServerProcess(env)
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ username: 'leaver', password: 'Passw0rd-x', email: 'l@example.com', realname: 'l' })
  const made = await first.ask('POST', '/api/v2.0/users', { headers, body })
  const member = JSON.stringify({ role_id: 2, member_user: { username: 'leaver' } })
  await first.ask('POST', '/api/v2.0/projects/library/members', { headers, body: member })

  const password = basic('leaver', 'Passw0rd-x')
  const query = 'service=harbor-registry&scope=repository:library/app:pull,push'
  const answer = await second.ask('GET', `/service/token?${query}`, { auth: password })
  const token = `Bearer ${(JSON.parse(answer.text) as { token: string }).token}`
  const push = async (auth: string) => (await second.ask('POST', '/v2/library/app/blobs/uploads/', { auth })).status
  expect([await push(password), await push(token)]).toEqual([202, 202])

  const id = made.headers.location?.split('/').at(-1)
  expect((await first.ask('DELETE', `/api/v2.0/users/${id}`)).status).toBe(200)
  expect([await push(password), await push(token)]).toEqual([401, 401])
})

import { beforeAll, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser, tokenFor } from '../accounts.ts'
import { type Answer, basic, errorOf } from '../client.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const service = 'service=harbor-registry'
let guest: TestUser

beforeAll(async () => {
  await createProject(registry(), 'demo')
  guest = await createUser(registry())
  await addMember(registry(), 'demo', guest, 'guest')
})

interface Claims {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly exp: number
  readonly iat: number
  readonly access: readonly { type: string; name: string; actions: string[] }[]
}

function claimsOf(answer: Answer): Claims {
  const { token } = JSON.parse(answer.text) as { token: string }
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims
}

it('answers as Harbor does', async () => {
  const answer = await registry().ask('GET', `/service/token?${service}&scope=repository:demo/x:pull`)
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(JSON.parse(answer.text)).toEqual({
    token: expect.any(String),
    access_token: '',
    expires_in: 1800,
    issued_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  })
  const { exp, iat, ...claims } = claimsOf(answer)
  expect(exp - iat).toBe(1800)
  expect(claims).toMatchObject({ iss: 'harbor-token-issuer', aud: 'harbor-registry', sub: 'admin' })
})

it.each([
  ['only what is held', 'scope=repository:demo/x:pull,push,delete', [['demo/x', ['pull']]]],
  ['only what is asked for', 'scope=repository:library/x:pull', [['library/x', ['pull']]]],
  ['every action for *', 'scope=repository:demo/x:*', [['demo/x', ['pull']]]],
  ['nothing in an unknown project', 'scope=repository:nosuch/x:pull', [['nosuch/x', []]]],
  [
    'several scopes',
    'scope=repository:demo/x:pull&scope=repository:library/y:pull,push',
    [
      ['demo/x', ['pull']],
      ['library/y', ['pull']],
    ],
  ],
  [
    'several scopes in one',
    'scope=repository:demo/x:pull%20repository:demo/y:pull',
    [
      ['demo/x', ['pull']],
      ['demo/y', ['pull']],
    ],
  ],
  ['repositories with a class', 'scope=repository(plugin):demo/x:pull', [['demo/x', ['pull']]]],
  ['nothing for what is no scope', 'scope=nonsense&scope=registry:catalog:*&scope=repository:BAD:pull', []],
  ['nothing for an unknown action', 'scope=repository:demo/x:conquer', [['demo/x', []]]],
])('grants %s', async (_, query, granted) => {
  const answer = await registry().ask('GET', `/service/token?${service}&${query}`, { auth: guest.auth })
  expect(answer.status).toBe(200)
  expect(claimsOf(answer).access.map(({ name, actions }) => [name, actions])).toEqual(granted)
})

it('gives the anonymous what is public', async () => {
  const query = 'scope=repository:demo/x:pull&scope=repository:library/hello:pull,push'
  const answer = await registry().ask('GET', `/service/token?${service}&${query}`, { auth: undefined })
  expect(claimsOf(answer).access).toEqual([
    { type: 'repository', name: 'demo/x', actions: [] },
    { type: 'repository', name: 'library/hello', actions: ['pull'] },
  ])
})

it.each([
  ['a wrong password', basic('admin', 'wrong'), '&scope=repository:library/hello:pull'],
  ['a wrong password at docker login', basic('admin', 'wrong'), '&account=admin'],
  ['nobody at docker login', undefined, ''],
])('refuses %s', async (_, auth, query) => {
  const answer = await registry().ask('GET', `/service/token?${service}${query}`, { auth })
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Basic realm="harbor"')
  const message = auth === undefined ? 'a login is needed' : 'incorrect username or password'
  expect(errorOf(answer)).toEqual({ code: 'UNAUTHORIZED', message })
})

it.each([
  ['?service=other', 'Unable to handle service: other'],
  ['', 'Unable to handle service: '],
])('refuses the service of /service/token%s', async (query, text) => {
  const answer = await registry().ask('GET', `/service/token${query}`)
  expect(answer.status).toBe(400)
  expect(answer.text).toBe(text)
})

it('has no other method', async () => {
  const answer = await registry().ask('POST', '/service/token')
  expect(answer.status).toBe(405)
  expect(answer.text).toBe('Method Not Allowed')
})

it('reads a hundred scopes of one request, and no more', async () => {
  const scopes = Array.from({ length: 150 }, (_, i) => `repository:demo/x${i}:pull`)
  const query = `${service}&scope=${scopes.join('%20')}`
  const answer = await registry().ask('GET', `/service/token?${query}`, { auth: guest.auth })
  expect(claimsOf(answer).access).toHaveLength(100)
})

it('gives a token that carries less than the role only what it carries', async () => {
  const pullOnly = await tokenFor(registry(), undefined, 'repository:library/hello:pull')
  const answer = await registry().ask('POST', '/v2/library/hello/blobs/uploads/', { auth: pullOnly })
  expect(answer.status).toBe(401)
})

it('refuses a token, good or not, and records no failed login for it', async () => {
  const token = await tokenFor(registry(), guest.auth, 'repository:demo/app:pull')
  const failed = `select actor from refusal where action = 'login' order by actor`
  const before = await registry().query(failed)
  for (const auth of [token, 'Bearer a.b.c', `${token}x`]) {
    const answer = await registry().ask('GET', `/service/token?${service}&scope=repository:demo/app:pull`, { auth })
    expect(answer.status).toBe(401)
    expect(errorOf(answer)).toEqual({ code: 'UNAUTHORIZED', message: 'a login is needed' })
  }
  expect(await registry().query(failed)).toEqual(before)
  const auth = basic(guest.name, 'Wr0ng-password')
  expect((await registry().ask('GET', `/service/token?${service}`, { auth })).status).toBe(401)
  expect(await registry().query(failed)).toEqual([...before, { actor: `user:${guest.name}` }])
})

import { expect, it } from 'vitest'
import { createProject, createUser, tokenFor } from '../accounts.ts'
import { basic, errorOf } from '../client.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const zeros = `sha256:${'0'.repeat(64)}`
const headNeeded = 'authorize header needed to send HEAD to repository'

/** Harbor's challenge for a scope, or without one. */
function bearer(scope?: string): string {
  const realm = `Bearer realm="${registry().origin}/service/token",service="harbor-registry"`
  return scope === undefined ? realm : `${realm},scope="${scope}"`
}

it.each([
  ['GET', '/v2/', undefined, 'unauthorized'],
  ['GET', '/v2/demo/x/manifests/v1', 'repository:demo/x:pull', headNeeded],
  ['GET', '/v2/library/hello/manifests/v1', 'repository:library/hello:pull', headNeeded],
  ['GET', `/v2/demo/x/blobs/${zeros}`, 'repository:demo/x:pull', headNeeded],
  ['GET', '/v2/demo/x/tags/list', 'repository:demo/x:pull', headNeeded],
  [
    'PUT',
    '/v2/demo/x/manifests/v1',
    'repository:demo/x:pull,push',
    'unauthorized to access repository: demo/x, action: push',
  ],
  [
    'POST',
    '/v2/demo/x/blobs/uploads/',
    'repository:demo/x:pull,push',
    'unauthorized to access repository: demo/x, action: push',
  ],
  [
    'DELETE',
    '/v2/demo/x/manifests/v1',
    'repository:demo/x:delete',
    'unauthorized to access repository: demo/x, action: delete',
  ],
  [
    'POST',
    `/v2/demo/x/blobs/uploads/?mount=${zeros}&from=library/hello`,
    'repository:demo/x:pull,push repository:library/hello:pull',
    'unauthorized to access repository: demo/x, action: push',
  ],
])('challenges %s %s without credentials', async (method, path, scope, message) => {
  const answer = await registry().ask(method, path, { auth: undefined })
  expect(answer.status).toBe(401)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'docker-distribution-api-version': 'registry/2.0',
    'www-authenticate': bearer(scope),
  })
  expect(errorOf(answer)).toEqual({ code: 'UNAUTHORIZED', message: `${message}: ${message}` })
})

it('answers HEAD as GET, without the body', async () => {
  const [get, head] = await Promise.all(
    ['GET', 'HEAD'].map((method) => registry().ask(method, '/v2/', { auth: undefined })),
  )
  expect(head?.status).toBe(401)
  expect(head?.headers['content-length']).toBe(get?.headers['content-length'])
  expect(head?.text).toBe('')
})

it('wants a password for the catalog', async () => {
  const answer = await registry().ask('GET', '/v2/_catalog', { auth: undefined })
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Basic realm="harbor"')
  expect(errorOf(answer).message).toBe('unauthorized to list catalog: unauthorized to list catalog')
})

it('lets the administrator in', async () => {
  for (const path of ['/v2/', '/v2']) {
    const answer = await registry().ask('GET', path)
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('{}')
    expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0')
  }
})

it('lets a user log in by e-mail address and by name in other case', async () => {
  const user = await createUser(registry(), 'Dana')
  const names = ['Dana', 'dana', 'DANA@example.com']
  const answers = names.map((name) => registry().ask('GET', '/v2/', { auth: basic(name, 'Passw0rd-of-tests') }))
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200])
  expect(user.name).toBe('Dana')
})

it.each([
  ['a wrong password', basic('admin', 'wrong'), 'Basic realm="harbor"'],
  ['an unknown name', basic('nobody', 'wrong'), 'Basic realm="harbor"'],
  ['an empty name', basic('', ''), 'Basic realm="harbor"'],
  ['an unknown scheme', 'Digest x', 'Basic realm="harbor"'],
])('refuses %s', async (_, auth, challenge) => {
  const answer = await registry().ask('GET', '/v2/', { auth })
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe(challenge)
  expect(errorOf(answer).code).toBe('UNAUTHORIZED')
})

it('refuses a changed token and says that it is not valid', async () => {
  await pushImage(registry(), 'library/hello', 'v1')
  const token = await tokenFor(registry(), admin, 'repository:library/hello:pull')
  for (const auth of [`${token.slice(0, -3)}AAA`, 'Bearer x']) {
    const answer = await registry().ask('GET', '/v2/library/hello/manifests/v1', { auth })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe(`${bearer('repository:library/hello:pull')},error="invalid_token"`)
  }
})

it('gives a token for one repository no way into another', async () => {
  await createProject(registry(), 'demo')
  await pushImage(registry(), 'demo/x', 'v1')
  const auth = await tokenFor(registry(), admin, 'repository:library/hello:pull')
  const answer = await registry().ask('GET', '/v2/demo/x/manifests/v1', { auth })
  expect(answer.status).toBe(401)
  const sentence = 'unauthorized to access repository: demo/x, action: pull'
  expect(errorOf(answer).message).toBe(`${sentence}: ${sentence}`)
})

it('answers with the request id that it was given, or one of its own', async () => {
  const given = await registry().ask('GET', '/v2/', { headers: { 'x-request-id': 'trace:1/2' } })
  expect(given.headers['x-request-id']).toBe('trace:1/2')
  for (const bad of ['a b', 'x'.repeat(129), '"<script>"']) {
    const made = await registry().ask('GET', '/v2/', { headers: { 'x-request-id': bad } })
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  }
})

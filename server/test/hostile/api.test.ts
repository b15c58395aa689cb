import { type OperationShape, operations } from '@breakwater/harbor-contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createProject, createUser } from '../accounts.ts'
import { type Answer, basic, errorOf } from '../client.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()

function post(path: string, body: unknown, auth = admin): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return registry().ask('POST', path, { auth, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
}

const project = '/api/v2.0/projects'
const users = '/api/v2.0/users'
const user = { username: 'x', password: 'Passw0rd-x', email: 'x@example.com', realname: 'x' }

it('serves what needs no account', async () => {
  expect((await registry().ask('GET', '/api/v2.0/ping', { auth: undefined })).text).toBe('Pong')
  const version = await registry().ask('GET', '/api/version', { auth: undefined })
  expect(JSON.parse(version.text)).toEqual({ version: 'v2.0' })
})

describe('refuses', () => {
  it.each<[string, string, unknown, number, string]>([
    ['a project without name', project, {}, 400, 'BAD_REQUEST'],
    ['a project with a bad name', project, { project_name: 'A B' }, 400, 'BAD_REQUEST'],
    ['a project with an empty name', project, { project_name: '' }, 400, 'BAD_REQUEST'],
    ['a project with a long name', project, { project_name: 'a'.repeat(256) }, 422, 'UNPROCESSABLE_ENTITY'],
    ['a project that is there', project, { project_name: 'library' }, 409, 'CONFLICT'],
    ['what is not JSON', project, '{', 422, 'UNPROCESSABLE_ENTITY'],
    ['nothing', project, '', 422, 'UNPROCESSABLE_ENTITY'],
    ['a prototype', project, '{"__proto__":{"project_name":"x"}}', 400, 'BAD_REQUEST'],
    ['a zero byte', project, { project_name: '\0' }, 422, 'UNPROCESSABLE_ENTITY'],
    ['a list', project, [], 422, 'UNPROCESSABLE_ENTITY'],
    ['a weak password', users, { ...user, password: 'weak' }, 400, 'BAD_REQUEST'],
    ['a user name that breaks a login', users, { ...user, username: 'a:b' }, 400, 'BAD_REQUEST'],
    ['a user without password', users, { ...user, password: undefined }, 400, 'BAD_REQUEST'],
    [
      'an unknown role',
      `${project}/library/members`,
      { role_id: 9, member_user: { username: 'admin' } },
      400,
      'BAD_REQUEST',
    ],
    [
      'an unknown member',
      `${project}/library/members`,
      { role_id: 1, member_user: { username: 'nobody' } },
      404,
      'NOT_FOUND',
    ],
    [
      'a member twice',
      `${project}/library/members`,
      { role_id: 1, member_user: { username: 'admin' } },
      409,
      'CONFLICT',
    ],
  ])('%s', async (_, path, body, status, code) => {
    const answer = await post(path, body)
    expect([answer.status, errorOf(answer).code]).toEqual([status, code])
    expect(answer.headers['x-request-id']).toBeDefined()
  })

  it('who is not logged in, and who may not', async () => {
    const nobody = await createUser(registry())
    const headers = { 'content-type': 'application/json' }
    for (const [method, path] of [
      ['POST', users],
      ['DELETE', `${users}/1`],
      ['PUT', `${project}/library`],
      ['GET', `${project}/nosuch`],
    ] as const) {
      expect(
        (await registry().ask(method, path, { auth: undefined, headers, body: JSON.stringify(user) })).status,
      ).toBe(401)
    }
    // A wrong password makes a caller nobody, who may see what is public.
    const wrong = basic((await createUser(registry())).name, 'wrong')
    expect((await registry().ask('GET', `${project}/library`, { auth: wrong })).status).toBe(200)
    expect((await registry().ask('GET', users, { auth: wrong })).status).toBe(401)
    expect((await post(users, user, nobody.auth)).status).toBe(403)
    expect(
      (await post(`${project}/library/members`, { role_id: 1, member_user: { username: 'admin' } }, nobody.auth))
        .status,
    ).toBe(403)
    expect((await registry().ask('DELETE', `${users}/1`, { auth: nobody.auth })).status).toBe(403)
    expect((await registry().ask('DELETE', `${users}/1`)).status).toBe(403)
  })

  it('to show a project to who may not see it, as if it were not there', async () => {
    await createProject(registry(), 'unseen')
    const nobody = await createUser(registry())
    const answers = await Promise.all(
      ['unseen', 'nosuch'].map((name) => registry().ask('GET', `${project}/${name}`, { auth: nobody.auth })),
    )
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(2).fill([403, answers[0]?.text]))
  })

  it('to delete a project that holds artifacts', async () => {
    const id = await createProject(registry(), 'full')
    await pushImage(registry(), 'full/app', 'v1')
    expect((await registry().ask('DELETE', `${project}/full`)).status).toBe(412)
    expect((await registry().ask('GET', `${project}/${id}`)).status).toBe(200)
  })
})

it('makes projects whose owner may do everything, by name and by id', async () => {
  const owner = await createUser(registry())
  const made = await post(project, { project_name: '123', public: true }, owner.auth)
  expect(made.status).toBe(201)
  const id = made.headers.location?.split('/').at(-1)
  const byName = { 'x-is-resource-name': 'true' }
  const found = await registry().ask('GET', `${project}/123`, { auth: owner.auth, headers: byName })
  expect(JSON.parse(found.text)).toMatchObject({ project_id: Number(id), name: '123', metadata: { public: 'true' } })
  expect((await registry().ask('DELETE', `${project}/${id}`, { auth: owner.auth })).status).toBe(200)
  expect((await registry().ask('HEAD', `${project}?project_name=123`)).status).toBe(404)
  expect((await post(project, { project_name: '123' }, owner.auth)).status).toBe(201)
})

it('takes any JSON without harm', async () => {
  const paths = fc.constantFrom(project, users, `${project}/library/members`)
  const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ maxLength: 5, unit: 'binary' }))
  const fields = fc.record(
    {
      project_name: fc.oneof(text, fc.integer()),
      public: fc.oneof(fc.boolean(), text),
      metadata: fc.oneof(fc.dictionary(text, text), fc.constant(null)),
      username: text,
      password: text,
      role_id: fc.oneof(fc.integer(), text),
      member_user: fc.record({ username: text }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  const property = fc.asyncProperty(paths, fc.oneof(fields, fc.jsonValue()), async (path, body) => {
    expect((await post(path, body)).status).toBeLessThan(500)
  })
  await fc.assert(property, { numRuns: 120 })
})

it('takes any request to any operation without harm', async () => {
  await pushImage(registry(), 'library/app', 'v1')
  // With these, a request that is right by chance would change what the others are made with.
  const kept = ['updateConfigurations', 'updateUserPassword', 'updateUserProfile', 'setUserSysAdmin']
  const tried = Object.entries(operations as Readonly<Record<string, OperationShape>>)
    .filter(([id]) => !kept.includes(id))
    .map(([, operation]) => operation)
  const known = [
    'library',
    'admin',
    '1',
    '0',
    '-1',
    '2147483648',
    '9007199254740991',
    '99999999999999999999',
    'true',
    '/',
  ]
  const hostile = ['\0', '..', "'", '%', '%2F', '{', '[~]', 'name=~\0', 'name={', 'é', '\\', 'x'.repeat(300), '']
  const text = fc.oneof(fc.constantFrom(...known), fc.constantFrom(...hostile), fc.string({ maxLength: 9 }))
  const raw = fc.oneof(fc.constantFrom('%00', '%ff', '%', '%2e%2e', 'a%252Fb'), text.map(encodeURIComponent))
  const value = fc.oneof(text, fc.integer(), fc.jsonValue({ maxDepth: 2 }))
  const request = fc.constantFrom(...tried).chain((operation) => {
    const names = (part: { properties?: object } | undefined) => Object.keys(part?.properties ?? {})
    const fields = (part: string[], of: fc.Arbitrary<unknown>) =>
      fc.record(Object.fromEntries(part.map((name) => [name, of])), { requiredKeys: [] })
    return fc.record({
      operation: fc.constant(operation),
      params: fc.array(raw, { minLength: 4, maxLength: 4 }),
      query: fields(names(operation.query), text) as fc.Arbitrary<Record<string, string>>,
      body: fields(names(operation.body as { properties?: object } | undefined), value),
    })
  })
  const property = fc.asyncProperty(request, async ({ operation: { method, path }, params, query, body }) => {
    let next = 0
    const named = path.replaceAll(/\{\w+\}/g, () => params[next++] ?? '')
    const answer = await registry().ask(method, `/api/v2.0${named}?${new URLSearchParams(query)}`, {
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    })
    expect([answer.status, answer.text], `${method} ${named}`).toEqual([
      expect.toSatisfy((status) => status < 500),
      answer.text,
    ])
  })
  await fc.assert(property, { numRuns: 600 })
})

import { expect, it } from 'vitest'
import { createProject, createUser, roleIds } from '../accounts.ts'
import { type Answer, errorOf } from '../client.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const groups = '/api/v2.0/usergroups'
const oidc = 3

function send(method: string, path: string, body: object, auth: string | undefined = admin): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return registry().ask(method, path, { auth, headers, body: JSON.stringify(body) })
}

async function createGroup(name: string, type = oidc, dn?: string): Promise<number> {
  const made = await send('POST', groups, { group_name: name, group_type: type, ldap_group_dn: dn })
  expect(made.status).toBe(201)
  return Number(made.headers.location?.split('/').at(-1))
}

const told = (answer: Answer) => [answer.status, errorOf(answer).message]

it('keeps groups of all types, each with a record', async () => {
  const dn = String.raw`cn=Ops\, night,ou=groups,dc=example,dc=com`
  const [people, ops] = [await createGroup('people'), await createGroup('ops', 1, dn)]
  const shown = await registry().ask('GET', `${groups}/${people}`)
  expect(JSON.parse(shown.text)).toEqual({ id: people, group_name: 'people', group_type: oidc })
  const ldap = await registry().ask('GET', `${groups}/${ops}`)
  expect(JSON.parse(ldap.text)).toEqual({ id: ops, group_name: 'ops', group_type: 1, ldap_group_dn: dn })
  expect((await send('PUT', `${groups}/${people}`, { group_name: 'persons' })).status).toBe(200)
  expect((await registry().ask('DELETE', `${groups}/${people}`)).status).toBe(200)
  expect(told(await registry().ask('GET', `${groups}/${people}`))).toEqual([
    404,
    `the user group with id ${people} is not found`,
  ])
  const rows = await registry().query(`select action, object from ledger where action like 'user-group.%' order by id`)
  expect(rows).toEqual([
    { action: 'user-group.create', object: 'user group people' },
    { action: 'user-group.create', object: 'user group ops' },
    { action: 'user-group.update', object: 'user group people' },
    { action: 'user-group.delete', object: 'user group persons' },
  ])
})

it('takes a name once for each type, and a distinguished name once', async () => {
  const first = await createGroup('twice')
  const again = await send('POST', groups, { group_name: 'twice', group_type: oidc })
  expect(told(again)).toEqual([409, 'duplicate user group, group name:twice, group type: 3, ldap group DN: '])
  await createGroup('twice', 2)
  await createGroup('twice', 1, 'cn=twice,dc=example')
  const sameDn = { group_name: 'other', group_type: 1, ldap_group_dn: 'CN=twice,dc=example' }
  expect((await send('POST', groups, sameDn)).status).toBe(409)
  await createGroup('once')
  expect((await send('PUT', `${groups}/${first}`, { group_name: 'once' })).status).toBe(409)
  expect((await send('PUT', `${groups}/${first}`, { group_name: 'twice' })).status).toBe(200)
})

it.each([
  ['no name', { group_type: oidc }, 'group_name has 1 to 255 characters'],
  ['no type', { group_name: 'x' }, 'group type 0 is none of 1 (LDAP), 2 (HTTP) and 3 (OIDC)'],
  ['an unknown type', { group_name: 'x', group_type: 4 }, 'group type 4 is none of 1 (LDAP), 2 (HTTP) and 3 (OIDC)'],
  ['no distinguished name', { group_name: 'x', group_type: 1 }, 'invalid DN syntax. DN: '],
  ['a bad one', { group_name: 'x', group_type: 1, ldap_group_dn: 'cn=a,b' }, 'invalid DN syntax. DN: cn=a,b'],
])('refuses %s', async (_, body, message) => {
  expect(told(await send('POST', groups, body))).toEqual([400, message])
})

it('lists and searches by part of the name, in pages', async () => {
  for (const name of ['list-b', 'list-a', 'list-c']) await createGroup(name)
  const names = async (path: string, auth: string | undefined = admin) => {
    const answer = await registry().ask('GET', `${groups}${path}`, { auth })
    return [
      answer.headers['x-total-count'],
      (JSON.parse(answer.text) as { group_name: string }[]).map((group) => group.group_name),
    ]
  }
  expect(await names('?group_name=LIST-&page_size=2')).toEqual(['3', ['list-a', 'list-b']])
  const user = await createUser(registry())
  expect(await names('/search?groupname=ist-c', user.auth)).toEqual(['1', ['list-c']])
  expect(await names('/search?groupname=nosuch', user.auth)).toEqual(['0', []])
})

it('is for administrators, but for the search', async () => {
  const { auth, name } = await createUser(registry())
  const id = await createGroup('closed')
  const denied = [
    await registry().ask('GET', groups, { auth }),
    await registry().ask('GET', `${groups}/${id}`, { auth }),
    await registry().ask('DELETE', `${groups}/${id}`, { auth }),
    await send('PUT', `${groups}/${id}`, { group_name: 'x' }, auth),
    await send('POST', groups, { group_name: 'x', group_type: oidc }, auth),
  ]
  for (const answer of denied) expect(told(answer)).toEqual([403, name])
  expect((await registry().ask('GET', `${groups}/search?groupname=x`, { auth: undefined })).status).toBe(401)
})

it('gives its role in a project to those who are in it, for as long as it is there', async () => {
  const [user, outsider] = [await createUser(registry()), await createUser(registry())]
  await createProject(registry(), 'grouped')
  await pushImage(registry(), 'grouped/app', 'v1')
  const id = await createGroup('readers')
  const member = { role_id: roleIds.guest, member_group: { group_name: 'readers', group_type: oidc } }
  expect((await send('POST', '/api/v2.0/projects/grouped/members', member)).status).toBe(201)
  await registry().query('insert into user_group_member (user_id, group_id) values ($1, $2)', [user.id, id])
  const pull = async (auth: string) => (await registry().ask('GET', '/v2/grouped/app/manifests/v1', { auth })).status
  expect(await pull(user.auth)).toBe(200)
  expect(await pull(outsider.auth)).toBe(403)
  expect((await registry().ask('GET', '/api/v2.0/projects/grouped', { auth: user.auth })).status).toBe(200)
  await registry().ask('DELETE', `${groups}/${id}`)
  expect(await pull(user.auth)).toBe(403)
})

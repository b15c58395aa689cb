import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { createProject, createUser } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { brief, logReader, q } from './audit-log.ts'

const registry = sharedRegistry()
const { ask, counted, entries } = logReader(registry)
const log = '/projects/one/auditlog-exts'
let image: Awaited<ReturnType<typeof pushImage>>

beforeAll(async () => {
  await createProject(registry(), 'one', true)
  const head = await createUser(registry(), 'head')
  image = await pushImage(registry(), 'one/app', 'v1')
  await registry().ask('GET', '/v2/one/app/manifests/v1', { auth: head.auth })
  await registry().ask('GET', `/v2/one/app/manifests/${image.digest}`)
  while ((await registry().query('select from pull')).length < 2) await wait(10)
  await registry().ask('DELETE', '/v2/one/app/manifests/v1', { auth: head.auth })
  await registry().ask('DELETE', '/v2/one/app/manifests/v1')
})

it('can be narrowed', async () => {
  const found = async (...conditions: string[]) =>
    (await entries(`${log}?page_size=100&${q(...conditions)}`)).map(brief)
  const app = `one/app@${image.digest}`
  const refused = 'head: delete artifact one/app'
  expect(await found('operation=pull')).toEqual([`admin: pull artifact ${app}`, 'head: pull artifact one/app:v1'])
  expect(await found('operation_result=false')).toEqual([refused])
  expect(await found('username=~HEA')).toEqual([refused, 'head: pull artifact one/app:v1'])
  expect(await found('operation={create delete}', 'resource_type=tag')).toEqual(['admin: delete tag one/app:v1'])
  expect(await found('resource=one/app:v1', 'operation=create')).toEqual(['admin: create artifact one/app:v1'])
  expect(await found('nosuch=x', 'resource_type=project')).toEqual(['admin: create project one'])
})

it('can be narrowed to a time', async () => {
  const path = `${log}?page_size=100`
  const all = await entries(path)
  const within = async (range: string) => (await entries(`${path}&${q(`op_time=[${range}]`)}`)).length
  expect(await within('2001-01-01T00:00:00~')).toBe(all.length)
  expect(await within('~2001-01-01T00:00:00')).toBe(0)
  expect(await within('2001-01-01T00:00:00~2999-01-01T00:00:00')).toBe(all.length)
})

it('takes times for UTC, whatever the database does', async () => {
  const [row] = await registry().query<{ name: string }>('select current_database() as name')
  await registry().query(`alter database ${row?.name} set timezone to 'America/New_York'`)
  await using twin = await registry().twin()
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString().slice(0, 19)
  const path = `${twin.origin}/api/v2.0${log}?${q(`op_time=[${hourAgo}~]`)}`
  const { headers } = await fetch(path, { headers: { authorization: admin } })
  expect(Number(headers.get('x-total-count'))).toBe((await counted(log)).total)
})

it('can be read from its beginning', async () => {
  const path = `${log}?page_size=100`
  const [first] = await entries(`${path}&sort=op_time`)
  expect(first && brief(first)).toBe('admin: create project one')
})

it('has pages that hold each entry once, and ids that no two entries share', async () => {
  const all = await counted('/auditlog-exts?page_size=100')
  expect(all.total).toBe(all.page.length)
  const seen: number[] = []
  for (let page = 1; ; page += 1) {
    const { page: found, link } = await counted(`/auditlog-exts?page_size=3&page=${page}`)
    seen.push(...found.map(({ id }) => id))
    if (!link.includes('rel="next"')) break
  }
  expect(seen).toEqual(all.page.map(({ id }) => id))
  expect(new Set(seen).size).toBe(all.total)
})

it('says what is wrong with a query', async () => {
  const answer = await ask('/auditlog-exts?q=operation')
  expect([answer.status, errorOf(answer).code]).toEqual([400, 'BAD_REQUEST'])
})

it('counts no further than it has to, and goes on as long as there is more', async () => {
  await registry().query(
    `insert into ledger (actor, credential, address, request_id, action, object, at)
     select 'user:many', 'basic', '', '', 'tag.create', 'p/r:' || n, now() - interval '1 day' + n * interval '1 ms'
     from generate_series(1, 100150) n`,
  )
  const path = `/auditlog-exts?${q('username=many')}&page_size=100`
  const first = await counted(path)
  expect([first.total, first.page[0]?.resource]).toEqual([100_000, 'p/r:100150'])
  const beyond = await counted(`${path}&page=1001`)
  expect([beyond.total, beyond.page.length, beyond.page[99]?.resource]).toEqual([100_101, 100, 'p/r:51'])
  expect(beyond.link).toContain('page=1002')
  const last = await counted(`${path}&page=1002`)
  expect([last.total, last.page.length, last.link.includes('next')]).toEqual([100_150, 50, false])
  expect((await counted('/auditlog-exts?page_size=0')).page).toHaveLength(100)
  const deep = await ask('/auditlog-exts?page=100000')
  expect(deep.status).toBe(200)
  expect(errorOf(await ask('/auditlog-exts?page=100002'))).toMatchObject({ code: 'BAD_REQUEST' })
})

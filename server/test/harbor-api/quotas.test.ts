import { beforeAll, expect, it } from 'vitest'
import { createProject, createUser } from '../accounts.ts'
import { type Answer, errorOf } from '../client.ts'
import { blobOf, configBlob, imageManifest, mustPutManifest, pushBlob } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const ids = new Map<string, number>()

function get(query: string, auth?: { auth: string | undefined }): Promise<Answer> {
  return registry().ask('GET', `/api/v2.0/quotas${query}`, auth)
}

interface Quota {
  readonly id: number
  readonly ref: { readonly name: string }
  readonly used: { readonly storage: number }
}
const names = ({ text }: Answer) => (JSON.parse(text) as Quota[]).map(({ ref }) => ref.name)

beforeAll(async () => {
  for (const name of ['small', 'large', 'empty']) ids.set(name, await createProject(registry(), name))
})

/** Pushes an image of these layers, and gives the bytes of its config and its manifest. */
async function push(repository: string, layers: Parameters<typeof pushBlob>[2][]): Promise<number> {
  const config = configBlob()
  for (const blob of [config, ...layers]) await pushBlob(registry(), repository, blob)
  const manifest = imageManifest(config, layers)
  await mustPutManifest(registry(), repository, 'v1', manifest)
  return config.bytes.length + manifest.length
}

it('counts each blob once in a project, and its manifests', async () => {
  const shared = blobOf('s'.repeat(1_000))
  const other = blobOf('o'.repeat(50_000))
  const extra = (await push('small/a', [shared])) + (await push('small/b', [shared]))
  await push('large/a', [shared, other])
  const answer = await get(`?reference=project&reference_id=${ids.get('small')}`)
  expect(answer.headers['x-total-count']).toBe('1')
  const [project] = await registry().query('select created_at, updated_at from project where name = $1', ['small'])
  const expected = {
    id: ids.get('small'),
    ref: { id: ids.get('small'), name: 'small', owner_name: 'admin' },
    hard: { storage: -1 },
    used: { storage: 1_000 + extra },
    creation_time: project?.['created_at'].toISOString(),
    update_time: project?.['updated_at'].toISOString(),
  }
  expect(JSON.parse(answer.text)).toEqual([expected])
  expect(JSON.parse((await get(`/${ids.get('small')}`)).text)).toEqual(expected)
})

it('lists the newest project first, in pages', async () => {
  const first = await get('?page_size=2')
  expect(names(first)).toEqual(['empty', 'large'])
  expect(first.headers['x-total-count']).toBe('4')
  expect(first.headers['link']).toBe('</api/v2.0/quotas?page=2&page_size=2>; rel="next"')
  expect(names(await get('?page_size=2&page=2'))).toEqual(['small', 'library'])
})

it('sorts by what is used', async () => {
  expect(names(await get('?sort=-used.storage')).slice(0, 2)).toEqual(['large', 'small'])
  expect(names(await get('?sort=used.storage')).slice(2)).toEqual(['small', 'large'])
})

it.each(['?reference=other', '?reference_id=999999', '?reference_id=x'])('finds nothing for %s', async (query) => {
  const answer = await get(query)
  expect([answer.status, answer.text, answer.headers['x-total-count']]).toEqual([200, '[]\n', '0'])
})

it('says which quota is not there', async () => {
  const answer = await get('/999999')
  expect([answer.status, errorOf(answer)]).toEqual([404, { code: 'NOT_FOUND', message: 'quota 999999 not found' }])
})

it('is for administrators', async () => {
  const { auth } = await createUser(registry())
  for (const path of ['', `/${ids.get('small')}`]) {
    expect((await get(path, { auth })).status).toBe(403)
    expect((await get(path, { auth: undefined })).status).toBe(401)
  }
})

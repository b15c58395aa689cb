import { beforeAll, expect, it } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const path = '/api/v2.0/statistics'

beforeAll(async () => {
  for (const name of ['mine', 'theirs']) await createProject(registry(), name)
  for (const repository of ['mine/a', 'mine/b', 'theirs/a', 'library/a']) await pushImage(registry(), repository, 'v1')
  // A repository without artifacts does not count.
  await registry().ask('POST', '/v2/mine/nothing/blobs/uploads/')
})

async function statistics(auth: string | undefined): Promise<unknown> {
  return JSON.parse((await registry().ask('GET', path, { auth })).text)
}

it('counts everything for an administrator', async () => {
  const [stored] = await registry().query<{ bytes: string }>(
    'select sum(size) as bytes from (select digest, size from blob union select digest, size from manifest) content',
  )
  expect(await statistics(admin)).toEqual({
    private_project_count: 2,
    private_repo_count: 3,
    public_project_count: 1,
    public_repo_count: 1,
    total_project_count: 3,
    total_repo_count: 4,
    total_storage_consumption: Number(stored?.bytes),
  })
})

it('counts what a user sees', async () => {
  const user = await createUser(registry())
  const own = { public_project_count: 1, public_repo_count: 1, total_project_count: 0, total_storage_consumption: 0 }
  expect(await statistics(user.auth)).toMatchObject({ ...own, private_project_count: 0, private_repo_count: 0 })
  await addMember(registry(), 'mine', user, 'limitedGuest')
  expect(await statistics(user.auth)).toMatchObject({ ...own, private_project_count: 1, private_repo_count: 2 })
})

it('is not for everybody', async () => {
  expect((await registry().ask('GET', path, { auth: undefined })).status).toBe(401)
})

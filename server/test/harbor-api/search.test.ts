import { mediaType } from '@breakwater/oci'
import { beforeAll, expect, it } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { indexManifest, mustPutManifest, pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { caller } from './call.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()

interface Found {
  readonly project: readonly { readonly name: string; readonly metadata: object }[]
  readonly repository: readonly { readonly repository_name: string }[]
}

async function search(q: string, auth: string | undefined): Promise<Found> {
  const { status, text } = await registry().ask('GET', `/api/v2.0/search?q=${encodeURIComponent(q)}`, { auth })
  expect(status).toBe(200)
  return JSON.parse(text) as Found
}

async function found(q: string, auth: string | undefined): Promise<{ projects: string[]; repositories: string[] }> {
  const { project, repository } = await search(q, auth)
  return { projects: project.map(({ name }) => name), repositories: repository.map((one) => one.repository_name) }
}

beforeAll(async () => {
  await createProject(registry(), 'needle-open', true)
  await createProject(registry(), 'needle-closed')
  await createProject(registry(), 'hay')
  for (const repository of ['needle-open/x', 'needle-closed/x', 'hay/needle', 'hay/other']) {
    await pushImage(registry(), repository, 'v1')
  }
})

it('shows nobody what is public', async () => {
  expect(await found('needle', undefined)).toEqual({ projects: ['needle-open'], repositories: ['needle-open/x'] })
})

it('shows members their projects, and administrators all', async () => {
  const user = await createUser(registry())
  await addMember(registry(), 'hay', user, 'limitedGuest')
  expect(await found('needle', user.auth)).toEqual({
    projects: ['needle-open'],
    repositories: ['hay/needle', 'needle-open/x'],
  })
  expect(await found('needle', admin)).toEqual({
    projects: ['needle-closed', 'needle-open'],
    repositories: ['hay/needle', 'needle-closed/x', 'needle-open/x'],
  })
})

it('shows robots repositories where they may pull', async () => {
  const log = await createRobot(caller(registry), 'log', [grant('hay', 'log:list')])
  expect((await found('needle', log.auth)).repositories).toEqual(['needle-open/x'])
  const pull = await createRobot(caller(registry), 'pull', [grant('hay', 'repository:pull')])
  expect((await found('needle', pull.auth)).repositories).toEqual(['hay/needle', 'needle-open/x'])
})

it('finds parts of full names, whatever their case, and takes no sign for a pattern', async () => {
  expect(await found('HAY/n', admin)).toEqual({ projects: [], repositories: ['hay/needle'] })
  for (const q of ['n%e', 'needl_', '\\']) expect(await found(q, admin)).toEqual({ projects: [], repositories: [] })
})

it('tells what a repository holds', async () => {
  const child = await pushImage(registry(), 'needle-open/many')
  await mustPutManifest(registry(), 'needle-open/many', 'all', indexManifest([child]), mediaType.ociIndex)
  await registry().query(
    `insert into repository_pull (repository_id, count) select id, 3 from repository where name = 'many'`,
  )
  const { repository } = await search('needle-open/many', undefined)
  await registry().query('update repository_manifest set parents = 1 where digest = $1', [
    Buffer.from(child.digest.slice('sha256:'.length), 'hex'),
  ])
  expect(repository).toEqual([
    {
      artifact_count: 1,
      project_id: expect.any(Number),
      project_name: 'needle-open',
      project_public: true,
      pull_count: 3,
      repository_name: 'needle-open/many',
    },
  ])
})

it('needs something to search for', async () => {
  const answer = await registry().ask('GET', '/api/v2.0/search', { auth: undefined })
  expect(answer.status).toBe(422)
})

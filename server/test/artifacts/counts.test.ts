import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { foldCounts } from '../../src/artifacts/index.ts'
import { foldProjects } from '../../src/projects/index.ts'
import { createProject, createUser } from '../accounts.ts'
import { blobOf, type Image, indexManifest, pushImage, putManifest } from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
let pool: pg.Pool
beforeAll(() => {
  pool = new pg.Pool({ ...registry().database.connection, max: 4 })
})
afterAll(() => pool.end())

const fold = () => Promise.all([foldCounts(pool), foldProjects(pool)])

/** What the counts say and what there is, in one snapshot; the differences between them. */
const wrong = `
  with told as (select repository_id as id, sum(present)::int as present, sum(plain)::int as plain
      from counted_artifacts group by 1),
    there as (select repository_id as id, count(*)::int as present,
        count(*) filter (where parents = 0 and accessory_type is null)::int as plain
      from repository_manifest group by 1),
    told_projects as (select project_id as id, sum(repositories)::int as repositories from counted_repositories group by 1),
    there_projects as (select project_id as id, count(*)::int as repositories from repository r
      where exists (select from repository_manifest where repository_id = r.id) group by 1)
  select 'repository ' || id as what, to_jsonb(told) as told, to_jsonb(there) as there
    from told full join there using (id)
    where (coalesce(told.present, 0), coalesce(told.plain, 0)) <> (coalesce(there.present, 0), coalesce(there.plain, 0))
  union all select 'project ' || id, to_jsonb(t), to_jsonb(h) from told_projects t full join there_projects h using (id)
    where coalesce(t.repositories, 0) <> coalesce(h.repositories, 0)
  union all select 'usage of project ' || id, to_jsonb(t), to_jsonb(h)
    from (select project_id as id, sum(bytes)::int as bytes from counted_usage group by 1) t
      full join (select id, sum(size)::int as bytes from (
        select r.project_id as id, b.digest, b.size from repository r
          join repository_blob l on l.repository_id = r.id join blob b on b.digest = l.digest
        union select r.project_id, m.digest, m.size from repository r
          join repository_manifest m on m.repository_id = r.id) content group by 1) h using (id)
    where coalesce(t.bytes, 0) <> coalesce(h.bytes, 0)
  union all select 'projects', to_jsonb(t), to_jsonb(h)
    from (select sum(present)::int as present, sum(open)::int as open from counted_projects) t,
      (select count(*)::int as present, count(*) filter (where public)::int as open
        from project where deleted_at is null) h
    where (t.present, t.open) <> (h.present, h.open)`

const unfolded = `select (select count(*) from artifact_delta) + (select count(*) from content_delta)
  + (select count(*) from project_delta) as rows`

const oneOf = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)]
const name = () => `p${randomBytes(6).toString('hex')}`

/** What can change a count, in any of a few repositories, each at random. */
function changes(project: string) {
  const pushed: { repository: string; image: Image }[] = []
  const projects: string[] = []
  const repositories = ['a', 'b', 'c'].map((last) => `${project}/${last}`)
  const metadata = (isPublic: boolean) => JSON.stringify({ metadata: { public: String(isPublic) } })
  const headers = { 'content-type': 'application/json' }
  const push = async (tag?: string, extra?: object) => {
    const repository = oneOf(repositories) ?? ''
    pushed.push({ repository, image: await pushImage(registry(), repository, tag, extra) })
  }
  return [
    () => push(),
    () => push('latest'),
    () => push(undefined, { subject: { mediaType: 'application/x', ...descriptorOf(oneOf(pushed)?.image) } }),
    async () => {
      const first = oneOf(pushed)
      if (!first) return
      const children = pushed.filter(({ repository }) => repository === first.repository).slice(0, 3)
      const index = blobOf(indexManifest(children.map(({ image }) => image)))
      const type = 'application/vnd.oci.image.index.v1+json'
      await putManifest(registry(), first.repository, oneOf(['multi', index.digest]) ?? '', index.bytes, type)
    },
    async () => {
      const one = oneOf(pushed)
      if (one) await registry().ask('DELETE', `/v2/${one.repository}/manifests/${one.image.digest}`)
    },
    async () => {
      await registry().ask('DELETE', `/v2/${oneOf(repositories)}/manifests/${oneOf(['latest', 'multi'])}`)
    },
    async () => {
      const one = oneOf(pushed)
      const blob = oneOf(one ? [one.image.config, ...one.image.layers] : [])
      if (one && blob) await registry().ask('DELETE', `/v2/${one.repository}/blobs/${blob.digest}`)
    },
    async () => {
      const one = oneOf(pushed)
      const to = `/api/v2.0/projects/${project}/repositories/${oneOf(['a', 'b', 'c'])}/artifacts`
      if (one) await registry().ask('POST', `${to}?from=${one.repository}@${one.image.digest}`)
    },
    async () => {
      if (Math.random() < 0.3) {
        await registry().ask('DELETE', `/api/v2.0/projects/${project}/repositories/${oneOf(['a', 'b', 'c'])}`)
      }
    },
    async () => {
      const made = name()
      await createProject(registry(), made, Math.random() < 0.5)
      projects.push(made)
    },
    async () => {
      const body = metadata(Math.random() < 0.5)
      await registry().ask('PUT', `/api/v2.0/projects/${oneOf(projects)}`, { headers, body })
    },
    async () => {
      await registry().ask('DELETE', `/api/v2.0/projects/${oneOf(projects)}`)
    },
  ]
}

function descriptorOf(image: Image | undefined): { digest: string; size: number } {
  const { digest, bytes } = image ?? blobOf('nothing that is there')
  return { digest, size: bytes.length }
}

describe('counts', () => {
  it('are right in every snapshot, whatever changes and whenever it is folded', async () => {
    const project = name()
    await createProject(registry(), project)
    const all = changes(project)
    let checks = 0
    let running = true
    const observe = async () => {
      while (running) {
        expect((await pool.query(wrong)).rows).toEqual([])
        checks += 1
        if (checks % 3 === 0) await fold()
      }
    }
    const change = async () => {
      for (let turn = 0; turn < 60; turn++) await oneOf(all)?.()
    }
    await Promise.all([
      observe(),
      observe(),
      Promise.all([change(), change(), change()]).finally(() => (running = false)),
    ])
    expect(checks).toBeGreaterThan(10)
    const { rows } = await pool.query('select count(*) as there from repository_manifest')
    expect(rows[0].there).toBeGreaterThan(0)
    await fold()
    expect((await pool.query(unfolded)).rows).toEqual([{ rows: 0 }])
    expect((await pool.query(wrong)).rows).toEqual([])
  })

  it('are told by lists, folded or not', async () => {
    const project = name()
    await createProject(registry(), project)
    const child = await pushImage(registry(), `${project}/app`)
    const tagged = await pushImage(registry(), `${project}/app`, 'v1')
    await pushImage(registry(), `${project}/other`, 'v1')
    const type = 'application/vnd.oci.image.index.v1+json'
    await putManifest(registry(), `${project}/app`, 'multi', indexManifest([child, tagged]), type)
    const user = await createUser(registry())
    const total = async (path: string, auth?: string) => {
      const answer = await registry().ask('GET', `/api/v2.0${path}`, auth === undefined ? {} : { auth })
      const listed = (JSON.parse(answer.text) as unknown[]).length
      expect(Number(answer.headers['x-total-count'])).toBe(listed)
      return listed
    }
    const totals = async () => ({
      artifacts: await total(`/projects/${project}/repositories/app/artifacts`),
      ofProject: await total(`/projects/${project}/artifacts`),
      repositories: await total(`/projects/${project}/repositories`),
      everybodysRepositories: await total('/repositories?page_size=0'),
      othersRepositories: await total('/repositories?page_size=0', user.auth),
      projects: (await total('/projects?page_size=0')) > 1,
      othersProjects: await total('/projects?page_size=0', user.auth),
    })
    const before = await totals()
    expect(before).toMatchObject({ artifacts: 2, ofProject: 3, repositories: 2, projects: true })
    await fold()
    expect(await totals()).toEqual(before)
  })
})

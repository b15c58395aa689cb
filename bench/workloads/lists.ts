import { type Breakwater, startBreakwater } from '../lib/breakwater.ts'
import type { Contender } from '../lib/comparison.ts'
import { connectEmbedded } from '../lib/database.ts'
import { send } from '../lib/http-client.ts'
import { addressesOf, measureLoad } from '../lib/load.ts'
import { seedArtifacts, seededOptions, seedProjects, seedRepository } from '../lib/seed.ts'
import { basic } from '../lib/system.ts'
import type { Settings, Workload } from '../lib/workload.ts'

const member = { user: 'dana', password: 'Bench1-member' }
const large = 'large/repository'
const artifactPath = `/projects/library/repositories/${encodeURIComponent(encodeURIComponent(large))}/artifacts`

/** A page of a list, as a person or a script asks for it. */
const pages: readonly { readonly name: string; readonly path: string; readonly as: 'admin' | 'member' }[] = [
  { name: 'projects, first page of 100, administrator', path: '/projects?page_size=100', as: 'admin' },
  { name: 'projects, first page of 100, member', path: '/projects?page_size=100', as: 'member' },
  {
    name: 'repositories of a project, first page of 100',
    path: '/projects/library/repositories?page_size=100',
    as: 'admin',
  },
  { name: 'all repositories, member', path: '/repositories?page_size=100', as: 'member' },
  {
    name: 'artifacts of the largest repository, first page of 100',
    path: `${artifactPath}?page_size=100`,
    as: 'admin',
  },
  {
    name: 'the same with labels and accessories',
    path: `${artifactPath}?page_size=100&with_label=true&with_accessory=true`,
    as: 'admin',
  },
  {
    name: 'artifacts of the largest repository, tag filter',
    path: `${artifactPath}?page_size=100&q=${encodeURIComponent('tags=~v99')}`,
    as: 'admin',
  },
  {
    name: 'artifacts of a project, first page of 100',
    path: '/projects/library/artifacts?page_size=100',
    as: 'admin',
  },
  { name: 'a project in numbers, storage among them', path: '/projects/library/summary', as: 'admin' },
  { name: 'search', path: '/search?q=r0000', as: 'member' },
]

async function start(artifacts: number, inRepository: number, projects: number): Promise<Breakwater> {
  const system = await startBreakwater(seededOptions)
  const account = { username: member.user, password: member.password, realname: 'Dana', email: 'dana@example.com' }
  const made = await send(system, {
    method: 'POST',
    path: '/api/v2.0/users',
    headers: { authorization: basic(system.account), 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(account)),
  })
  if (made.status !== 201) throw new Error(`the member cannot be made: ${made.status} ${made.body.toString()}`)
  const client = await connectEmbedded(system.dataFolder)
  await seedArtifacts(client, artifacts)
  await seedRepository(client, large, inRepository)
  await seedProjects(client, projects, Number(made.headers.location?.split('/').at(-1)))
  await client.end()
  return system
}

function contender(system: Breakwater, label: string, page: (typeof pages)[number], settings: Settings): Contender {
  const authorization = basic(page.as === 'admin' ? system.account : member)
  return {
    label,
    measure: async () => {
      const result = await measureLoad(system, {
        kind: 'requests',
        addresses: addressesOf(system),
        connections: 1,
        method: 'GET',
        paths: [`/api/v2.0${page.path}`],
        headers: { authorization },
        atMost: { requests: Number.MAX_SAFE_INTEGER, seconds: settings.seconds },
        readBuffer: 1 << 18,
      })
      const { p50Ms, p95Ms, p99Ms } = result
      return {
        cpuMsPerUnit: result.cpuMs / result.count,
        unitsPerSecond: result.count / result.seconds,
        p50Ms,
        p95Ms,
        p99Ms,
      }
    },
  }
}

/** What a page of a list costs, total and links included, in a large registry beside a small one. Breakwater only. */
export const lists: Workload = {
  name: 'lists',
  run: async (settings, measure) => {
    if (settings.system === 'distribution') return
    const artifacts = settings.growth.at(-1) ?? 0
    await using stack = new AsyncDisposableStack()
    const big = stack.use(await start(artifacts, artifacts / 10, artifacts / 10))
    const small = stack.use(await start(1_000, 100, 100))
    for (const page of pages) {
      await measure({
        name: page.name,
        unit: 'page',
        contenders: [
          contender(big, `${artifacts.toLocaleString('en')} artifacts`, page, settings),
          contender(small, '1,000 artifacts', page, settings),
        ],
      })
    }
  },
}

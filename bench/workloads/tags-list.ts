import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBreakwater } from '../lib/breakwater.ts'
import { connectEmbedded } from '../lib/database.ts'
import { type Distribution, startDistribution } from '../lib/distribution.ts'
import { measureLoad } from '../lib/load.ts'
import { digestOf } from '../lib/random-content.ts'
import { pushImage } from '../lib/registry-client.ts'
import type { System } from '../lib/system.ts'
import { startField, type Workload } from '../lib/workload.ts'

const repository = 'library/tagged'
const firstTag = 't000000'
const image = { seed: 'tagged', layers: 1, layerBytes: 1024 }

function tagName(index: number): string {
  return `t${String(index).padStart(6, '0')}`
}

async function addRows(system: System, tags: number): Promise<void> {
  const client = await connectEmbedded(system.dataFolder)
  await client.query(
    `insert into tag (repository_id, name, digest)
     select t.repository_id, 't' || lpad(n::text, 6, '0'), t.digest from tag t, generate_series(1, $1::int - 1) n
     where t.name = $2`,
    [tags, firstTag],
  )
  await client.query('vacuum (analyze) tag')
  await client.end()
}

/** distribution's own layout of a tag, as a push would leave it. */
function addFiles(system: Distribution, digest: string, tags: number): void {
  const folder = join(system.storageFolder, 'docker/registry/v2/repositories', repository, '_manifests/tags')
  for (let index = 1; index < tags; index++) {
    const tag = join(folder, tagName(index))
    const entry = join(tag, 'index/sha256', digest.slice('sha256:'.length))
    mkdirSync(join(tag, 'current'), { recursive: true })
    mkdirSync(entry, { recursive: true })
    writeFileSync(join(tag, 'current/link'), digest)
    writeFileSync(join(entry, 'link'), digest)
  }
}

/** Reading the whole tag list of one repository, page after page where the server pages. */
export const tagsList: Workload = {
  name: 'tags-list',
  run: async (settings, measure) => {
    const { tags } = settings
    const start = {
      breakwater: async (): Promise<System> => {
        const system = await startBreakwater()
        await pushImage(system, repository, firstTag, image)
        await addRows(system, tags)
        return system
      },
      distribution: async (): Promise<System> => {
        const system = await startDistribution()
        addFiles(system, digestOf(await pushImage(system, repository, firstTag, image)), tags)
        return system
      },
    }
    await using field = await startField(settings, [
      { label: 'breakwater', name: 'breakwater', start: start.breakwater },
      { label: 'distribution', name: 'distribution', start: start.distribution },
    ])
    const contenders = field.systems.map(({ label, system }) => ({
      label,
      measure: async () => {
        const authorization = await system.authorization(repository, 'pull')
        const result = await measureLoad(system, {
          kind: 'listing',
          origin: system.origin,
          ca: system.ca,
          path: `/v2/${repository}/tags/list`,
          headers: authorization ? { authorization } : {},
          times: settings.transfers * 10,
          tags,
        })
        const cpuMsPerUnit = result.cpuMs / result.count
        return { cpuMsPerUnit, unitsPerSecond: result.count / result.seconds, p50Ms: result.p50Ms, p99Ms: result.p99Ms }
      },
    }))
    for (const warming of contenders) await warming.measure()
    await measure({ name: `tags list of ${tags.toLocaleString('en')}`, unit: 'list', contenders })
  },
}

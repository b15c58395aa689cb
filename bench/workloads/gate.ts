import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeProject, untilDatabase } from '../lib/api.ts'
import { type Breakwater, startBreakwater } from '../lib/breakwater.ts'
import type { Contender } from '../lib/comparison.ts'
import { measurePulls } from '../lib/pulls.ts'
import { digestOf } from '../lib/random-content.ts'
import { configType, imageConfig, imageManifest, layerType, pushBlob, pushManifest } from '../lib/registry-client.ts'
import { databaseArchives, databaseMissing, freshDatabase } from '../lib/trivy-db.ts'
import type { Settings, Workload } from '../lib/workload.ts'

const connections = 16
const repositories = 10

/** What a warm pull costs more in a project whose gate is on. Breakwater only. */
export const gate: Workload = {
  name: 'gate',
  run: async (settings, measure) => {
    if (settings.system === 'distribution') return
    const missing = databaseMissing(databaseArchives.small)
    if (missing !== undefined) return console.log(`left out: ${missing}`)
    const folder = mkdtempSync(join(tmpdir(), 'bench-gate-'))
    try {
      const database = await freshDatabase(databaseArchives.small, folder)
      await using system = await startBreakwater({ settings: { BREAKWATER_VULNDB_SOURCE: `file:${database}` } })
      await untilDatabase(system)
      const contenders: Contender[] = []
      for (const [project, severity] of [
        ['gated', 'low'],
        ['open', undefined],
      ] as const) {
        await makeProject(system, project, severity)
        contenders.push(await contender(system, project, settings))
      }
      // The first pulls wait for the scans and leave the verdicts.
      for (const { measure: warm } of contenders) await warm(0)
      await measure({
        name: `pulls from a gated project beside one without a gate, ${connections} connections`,
        unit: '1,000 requests',
        contenders,
        goal: { of: 'cpuRatio', atMost: 1.1 },
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function contender(system: Breakwater, project: string, settings: Settings): Promise<Contender> {
  const names = Array.from({ length: repositories }, (_, index) => `${project}/app${index}`)
  const paths: string[] = []
  for (const name of names) paths.push(`/v2/${name}/manifests/${await pushEmptyImage(system, name)}`)
  const authorization = await system.token(names, 'pull')
  const { seconds } = settings
  return { label: project, measure: () => measurePulls(system, { paths, authorization, connections, seconds }) }
}

/** An image of one layer without files: there is nothing in it that could be refused. */
async function pushEmptyImage(system: Breakwater, repository: string): Promise<string> {
  const layer = Buffer.alloc(1024)
  const config = imageConfig([digestOf(layer)])
  for (const blob of [layer, config]) await pushBlob(system, repository, blob)
  const manifest = imageManifest({ mediaType: configType, digest: digestOf(config), size: config.length }, [
    { mediaType: layerType, digest: digestOf(layer), size: layer.length },
  ])
  return pushManifest(system, repository, '1', manifest)
}

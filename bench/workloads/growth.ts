import { type Breakwater, startBreakwater } from '../lib/breakwater.ts'
import type { Contender } from '../lib/comparison.ts'
import { connectEmbedded } from '../lib/database.ts'
import { measurePulls } from '../lib/pulls.ts'
import { sampleArtifacts, seedArtifacts, seededOptions } from '../lib/seed.ts'
import type { Settings, Workload } from '../lib/workload.ts'

const connections = 16
/** Ten repositories of a hundred artifacts: the same working set, whatever lies around it. */
const repositories = 10

async function contender(system: Breakwater, artifacts: number, settings: Settings): Promise<Contender> {
  const client = await connectEmbedded(system.dataFolder)
  await seedArtifacts(client, artifacts)
  const sample = await sampleArtifacts(client, artifacts, repositories)
  await client.end()
  const names = [...new Set(sample.map(({ repository }) => repository))]
  return {
    label: `${artifacts.toLocaleString('en')} artifacts`,
    measure: async () => {
      return measurePulls(system, {
        paths: sample.map(({ repository, digest }) => `/v2/${repository}/manifests/${digest}`),
        authorization: await system.token(names, 'pull'),
        connections,
        seconds: settings.seconds,
      })
    },
  }
}

/** What a pull costs as the database grows: one server for each size, measured in turn. Breakwater only. */
export const growth: Workload = {
  name: 'growth',
  run: async (settings, measure) => {
    if (settings.system === 'distribution') return
    await using stack = new AsyncDisposableStack()
    const contenders: Contender[] = []
    for (const artifacts of settings.growth) {
      const system = stack.use(await startBreakwater(seededOptions))
      contenders.push(await contender(system, artifacts, settings))
    }
    for (const warming of contenders) await warming.measure(0)
    const [smallest, ...larger] = contenders
    if (!smallest) return
    for (const subject of larger) {
      await measure({
        name: `manifest GET with ${subject.label} in the database, ${connections} connections`,
        unit: '1,000 requests',
        contenders: [subject, smallest],
        goal: { of: 'cpuRatio', atMost: 1.1 },
      })
    }
  },
}

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startBreakwater } from '../lib/breakwater.ts'
import type { Sample } from '../lib/comparison.ts'
import { startDistribution } from '../lib/distribution.ts'
import { writeImageLayout } from '../lib/image-layout.ts'
import { settleMs } from '../lib/load.ts'
import { median, percentile } from '../lib/statistics.ts'
import type { System } from '../lib/system.ts'
import { findTool } from '../lib/tools.ts'
import { cpuMilliseconds } from '../lib/usage.ts'
import { startField, type Workload } from '../lib/workload.ts'

const execute = promisify(execFile)
const repository = 'library/pushed'
const image = { layers: 10, layerBytes: 2 ** 20 }

/** A folder with the credentials that crane reads for this system. */
function dockerConfig(folder: string, system: System): string {
  const configFolder = join(folder, system.name)
  mkdirSync(configFolder)
  const auths = system.account
    ? {
        [new URL(system.origin).host]: {
          auth: Buffer.from(`${system.account.user}:${system.account.password}`).toString('base64'),
        },
      }
    : {}
  writeFileSync(join(configFolder, 'config.json'), JSON.stringify({ auths }))
  return configFolder
}

async function pushTimes(system: System, folder: string, configFolder: string, times: number): Promise<Sample> {
  const layouts = Array.from({ length: times }, () => {
    const layout = join(folder, randomUUID())
    writeImageLayout(layout, { seed: layout, ...image })
    return layout
  })
  const environment = { ...process.env, DOCKER_CONFIG: configFolder }
  const durations: number[] = []
  const before = cpuMilliseconds(system)
  for (const [index, layout] of layouts.entries()) {
    const reference = `${new URL(system.origin).host}/${repository}:t${index}`
    const begun = performance.now()
    await execute(findTool('crane'), ['push', '--insecure', layout, reference], { env: environment })
    durations.push(performance.now() - begun)
  }
  await sleep(settleMs)
  const cpuMs = cpuMilliseconds(system) - before
  for (const layout of layouts) rmSync(layout, { recursive: true })
  const sorted = durations.toSorted((a, b) => a - b)
  return {
    cpuMsPerUnit: cpuMs / times,
    unitsPerSecond: 1000 / median(durations),
    p50Ms: median(durations),
    p99Ms: percentile(sorted, 0.99),
  }
}

/** `crane push` of an image of ten new layers of 1 MiB; times include the start of crane itself. */
export const cranePush: Workload = {
  name: 'crane-push',
  run: async (settings, measure) => {
    await using field = await startField(settings, [
      { label: 'breakwater', name: 'breakwater', start: startBreakwater },
      { label: 'distribution', name: 'distribution', start: startDistribution },
    ])
    const folder = mkdtempSync(join(tmpdir(), 'crane-push-'))
    try {
      const contenders = field.systems.map(({ label, system }) => {
        const configFolder = dockerConfig(folder, system)
        return { label, measure: () => pushTimes(system, folder, configFolder, settings.transfers * 10) }
      })
      for (const warming of contenders) await warming.measure()
      await measure({
        name: 'crane push, 10 layers of 1 MiB',
        unit: 'push',
        contenders,
        goal: { of: 'cpuRatio', atMost: 1 },
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

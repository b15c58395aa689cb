import { setTimeout as sleep } from 'node:timers/promises'
import { startBreakwater } from '../lib/breakwater.ts'
import type { Case } from '../lib/comparison.ts'
import { startDistribution } from '../lib/distribution.ts'
import { pushImage } from '../lib/registry-client.ts'
import { cpuMilliseconds, memoryMiB } from '../lib/usage.ts'
import { startField, type Workload } from '../lib/workload.ts'

/** Starting up and the first push leave work behind that is not idleness. */
const settleMs = 10_000

/** Memory and CPU with nobody asking, after one image was pushed. The unit is a second of doing nothing. */
export const idle: Workload = {
  name: 'idle',
  run: async (settings, measure) => {
    await using field = await startField(settings, [
      { label: 'breakwater', name: 'breakwater', start: startBreakwater },
      { label: 'distribution', name: 'distribution', start: startDistribution },
    ])
    for (const { system } of field.systems) {
      await pushImage(system, 'library/idle', '1.0', { seed: 'idle', layers: 3, layerBytes: 2 ** 20 })
    }
    await sleep(settleMs)
    const seconds = settings.idleSeconds / settings.rounds
    const plan = (watched: number): Pick<Case, 'unit' | 'contenders'> => ({
      unit: 'second',
      contenders: field.systems.map(({ label, system }) => ({
        label,
        measure: async () => {
          const before = cpuMilliseconds(system)
          await sleep(watched * 1000)
          const cpuMsPerUnit = (cpuMilliseconds(system) - before) / watched
          return { cpuMsPerUnit, unitsPerSecond: 1, memoryMiB: memoryMiB(system) }
        },
      })),
    })
    await measure({ name: 'idle CPU', ...plan(seconds), goal: { of: 'cpuMsPerUnit', atMost: 2 } })
    await measure({ name: 'idle memory', ...plan(1), goal: { of: 'memoryMiB', atMost: 200 } })
  },
}

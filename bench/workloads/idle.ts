import { setTimeout as sleep } from 'node:timers/promises'
import { startBreakwater } from '../lib/breakwater.ts'
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
    const contenders = field.systems.map(({ label, system }) => ({
      label,
      measure: async () => {
        const before = cpuMilliseconds(system)
        await sleep(seconds * 1000)
        const cpuMsPerUnit = (cpuMilliseconds(system) - before) / seconds
        return { cpuMsPerUnit, unitsPerSecond: 1, memoryMiB: memoryMiB(system) }
      },
    }))
    const common = { unit: 'second', contenders }
    await measure({ name: 'idle memory', ...common, goal: { of: 'memoryMiB', atMost: 200 } })
  },
}

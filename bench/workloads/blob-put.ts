import { randomUUID } from 'node:crypto'
import { startBreakwater } from '../lib/breakwater.ts'
import { startDistribution } from '../lib/distribution.ts'
import { measureLoad } from '../lib/load.ts'
import { dirtyMiB } from '../lib/usage.ts'
import { startField, type Workload } from '../lib/workload.ts'

const repository = 'library/layers'
const gibibyte = 2 ** 30
/** After a PUT this share of the content may still be unwritten; more means that the server did not fsync. */
const unwrittenShare = 0.5

/** Uploads of one large blob of new content each time. Fails when the bytes were not on the disk after the 201. */
export const blobPut: Workload = {
  name: 'blob-put',
  run: async (settings, measure) => {
    await using field = await startField(settings, [
      { label: 'breakwater', name: 'breakwater', start: startBreakwater },
      { label: 'distribution', name: 'distribution', start: startDistribution },
    ])
    const bytes = settings.largeBlob
    await measure({
      name: `blob PUT ${bytes / 2 ** 20} MiB with fsync`,
      unit: 'GiB',
      goal: { of: 'cpuRatio', atMost: 1.2 },
      contenders: field.systems.map(({ label, system }) => ({
        label,
        measure: async () => {
          const authorization = await system.authorization(repository, 'pull,push')
          const dirtyBefore = dirtyMiB()
          const result = await measureLoad(system, {
            kind: 'upload',
            origin: system.origin,
            ca: system.ca,
            repository,
            headers: authorization ? { authorization } : {},
            bytes,
            seed: randomUUID(),
          })
          const unwritten = dirtyMiB() - dirtyBefore
          if (unwritten > (bytes / 2 ** 20) * unwrittenShare) {
            throw new Error(`${label} answered 201 while ${unwritten.toFixed(0)} MiB were not on the disk`)
          }
          return {
            cpuMsPerUnit: result.cpuMs / (bytes / gibibyte),
            unitsPerSecond: bytes / gibibyte / result.seconds,
            p50Ms: result.p50Ms,
            p99Ms: result.p99Ms,
          }
        },
      })),
    })
  },
}

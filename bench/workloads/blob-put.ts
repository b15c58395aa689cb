import { measureBlobPut } from '../lib/blobs.ts'
import { startBreakwater } from '../lib/breakwater.ts'
import type { Sample } from '../lib/comparison.ts'
import { startDistribution } from '../lib/distribution.ts'
import { dirtyMiB } from '../lib/usage.ts'
import { type Labelled, startField, type Workload } from '../lib/workload.ts'

const mebibyte = 2 ** 20
/** After a PUT this share of the content may still be unwritten; more means that the server did not fsync. */
const unwrittenShare = 0.5

async function measureSynced({ label, system }: Labelled, bytes: number): Promise<Sample> {
  const dirtyBefore = dirtyMiB()
  const sample = await measureBlobPut(system, bytes)
  const unwritten = dirtyMiB() - dirtyBefore
  if (unwritten > (bytes / mebibyte) * unwrittenShare) {
    throw new Error(`${label} answered 201 while ${unwritten.toFixed(0)} MiB were not on the disk`)
  }
  return sample
}

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
      name: `blob PUT ${bytes / mebibyte} MiB with fsync`,
      unit: 'GiB',
      goal: { of: 'cpuRatio', atMost: 1.2 },
      contenders: field.systems.map((entry) => ({
        label: entry.label,
        measure: () => measureSynced(entry, bytes),
      })),
    })
  },
}

import { measureBlobGet, prepareBlob } from '../lib/blobs.ts'
import { startBreakwater } from '../lib/breakwater.ts'
import { startDistribution } from '../lib/distribution.ts'
import { type Settings, startField, type Workload } from '../lib/workload.ts'

const mebibyte = 2 ** 20
const smallReads = 4

async function run(settings: Settings, measure: Parameters<Workload['run']>[1], tls: boolean): Promise<void> {
  await using field = await startField(settings, [
    { label: 'breakwater', name: 'breakwater', start: () => startBreakwater({ tls }) },
    { label: 'distribution', name: 'distribution', start: () => startDistribution({ tls }) },
  ])
  const plans = [
    { bytes: settings.largeBlob, load: { connections: 1, requests: settings.transfers } },
    { bytes: mebibyte, load: { connections: smallReads, seconds: settings.seconds } },
  ]
  for (const { bytes, load } of plans) {
    const prepared = []
    for (const entry of field.systems) prepared.push({ ...entry, blob: await prepareBlob(entry.system, bytes) })
    const connections = `${load.connections} connection${load.connections > 1 ? 's' : ''}`
    await measure({
      name: `blob GET ${bytes / mebibyte} MiB, ${tls ? 'TLS' : 'HTTP'}, ${connections}`,
      unit: 'GiB',
      contenders: prepared.map(({ label, system, blob }) => ({
        label,
        measure: () => measureBlobGet(system, blob, load),
      })),
      goal: { of: 'cpuRatio', atMost: 1 },
    })
  }
}

/** Blob downloads over plain HTTP. */
export const blobGet: Workload = { name: 'blob-get', run: (settings, measure) => run(settings, measure, false) }

/** Blob downloads over TLS. */
export const blobGetTls: Workload = { name: 'blob-get-tls', run: (settings, measure) => run(settings, measure, true) }

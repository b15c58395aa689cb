import { startBreakwater } from '../lib/breakwater.ts'
import { startDistribution } from '../lib/distribution.ts'
import { addressOf, measureLoad } from '../lib/load.ts'
import { randomPieces } from '../lib/random-content.ts'
import { readBlob } from '../lib/registry-client.ts'
import type { System } from '../lib/system.ts'
import { uploadStream } from '../lib/upload-stream.ts'
import { type Settings, startField, type Workload } from '../lib/workload.ts'

const repository = 'library/layers'
const mebibyte = 2 ** 20
const gibibyte = 2 ** 30
const smallReads = 4

/** Uploads the content once and reads it back, so that what is timed afterwards is known to be right. */
async function prepareBlob(system: System, bytes: number): Promise<string> {
  const digest = await uploadStream(system, repository, randomPieces(`get ${bytes}`, bytes), bytes)
  const read = await readBlob(system, repository, digest)
  if (read.digest !== digest) throw new Error(`${system.name} gave other bytes than it was sent: ${read.digest}`)
  return digest
}

async function run(settings: Settings, measure: Parameters<Workload['run']>[1], tls: boolean): Promise<void> {
  await using field = await startField(settings, [
    { label: 'breakwater', name: 'breakwater', start: () => startBreakwater({ tls }) },
    { label: 'distribution', name: 'distribution', start: () => startDistribution({ tls }) },
  ])
  const plans = [
    { title: `${settings.largeBlob / mebibyte} MiB`, bytes: settings.largeBlob, connections: 1, paced: false },
    { title: '1 MiB', bytes: mebibyte, connections: smallReads, paced: true },
  ]
  for (const { title, bytes, connections, paced } of plans) {
    const prepared = []
    for (const entry of field.systems) prepared.push({ ...entry, digest: await prepareBlob(entry.system, bytes) })
    const contenders = prepared.map(({ label, system, digest }) => ({
      label,
      measure: async () => {
        const authorization = await system.authorization(repository, 'pull')
        const result = await measureLoad(system, {
          kind: 'requests',
          address: addressOf(system),
          connections,
          method: 'GET',
          paths: [`/v2/${repository}/blobs/${digest}`],
          headers: authorization ? { authorization } : {},
          atMost: paced
            ? { requests: Number.MAX_SAFE_INTEGER, seconds: settings.seconds }
            : { requests: settings.transfers, seconds: 600 },
          contentLength: bytes,
          readBuffer: mebibyte,
        })
        const transferred = (result.count * bytes) / gibibyte
        return {
          cpuMsPerUnit: result.cpuMs / transferred,
          unitsPerSecond: transferred / result.seconds,
          p50Ms: result.p50Ms,
          p99Ms: result.p99Ms,
        }
      },
    }))
    await measure({
      name: `blob GET ${title}, ${tls ? 'TLS' : 'HTTP'}, ${connections} connection${connections > 1 ? 's' : ''}`,
      unit: 'GiB',
      contenders,
      goal: { of: 'cpuRatio', atMost: 1 },
    })
  }
}

/** Blob downloads over plain HTTP. */
export const blobGet: Workload = { name: 'blob-get', run: (settings, measure) => run(settings, measure, false) }

/** Blob downloads over TLS. */
export const blobGetTls: Workload = { name: 'blob-get-tls', run: (settings, measure) => run(settings, measure, true) }

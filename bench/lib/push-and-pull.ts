import { measureBlobGet, measureBlobPut, prepareBlob } from './blobs.ts'
import type { Contender, Sample } from './comparison.ts'
import { measurePulls } from './pulls.ts'
import { digestOf } from './random-content.ts'
import { pushImage } from './registry-client.ts'
import type { System } from './system.ts'
import type { Field, Settings, Workload } from './workload.ts'

const repository = 'library/image'
const image = { seed: 'push and pull', layers: 8, layerBytes: 2048 }
const mebibyte = 2 ** 20
/** Of the settings' sizes and seconds, for there are many cases. */
const share = { large: 1 / 8, seconds: 1 / 4 }
/** Two and more, so that each of two replicas has some. */
const connections = { large: 2, small: 4, manifests: 16 }

/** Blob push, blob pull and manifest read of the systems, the first beside the others; `where` ends the names of the cases. */
export async function measurePushAndPull(
  field: Field,
  settings: Settings,
  measure: Parameters<Workload['run']>[1],
  where: string,
): Promise<void> {
  const large = settings.largeBlob * share.large
  const seconds = settings.seconds * share.seconds
  const contenders = async (
    prepare: (system: System) => Promise<() => Promise<Sample>>,
  ): Promise<readonly Contender[]> => {
    const prepared: Contender[] = []
    for (const { label, system } of field.systems) prepared.push({ label, measure: await prepare(system) })
    return prepared
  }

  await measure({
    name: `blob PUT ${large / mebibyte} MiB, ${where}`,
    unit: 'GiB',
    contenders: await contenders(async (system) => () => measureBlobPut(system, large)),
  })
  const gets = [
    { bytes: large, load: { connections: connections.large, requests: connections.large } },
    { bytes: mebibyte, load: { connections: connections.small, seconds } },
  ]
  for (const { bytes, load } of gets) {
    await measure({
      name: `blob GET ${bytes / mebibyte} MiB, ${load.connections} connections, ${where}`,
      unit: 'GiB',
      contenders: await contenders(async (system) => {
        const blob = await prepareBlob(system, bytes)
        return () => measureBlobGet(system, blob, load)
      }),
    })
  }
  const reads = await contenders(async (system) => {
    const paths = [`/v2/${repository}/manifests/${digestOf(await pushImage(system, repository, '1.0', image))}`]
    return async () => {
      const authorization = await system.authorization(repository, 'pull')
      return measurePulls(system, { paths, authorization, connections: connections.manifests, seconds })
    }
  })
  for (const warming of reads) await warming.measure(0)
  await measure({
    name: `manifest GET by digest, ${connections.manifests} connections, ${where}`,
    unit: '1,000 requests',
    contenders: reads,
  })
}

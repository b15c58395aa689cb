import { startBreakwater } from '../lib/breakwater.ts'
import type { Contender, Sample } from '../lib/comparison.ts'
import { startDistribution } from '../lib/distribution.ts'
import { addressesOf, measureLoad } from '../lib/load.ts'
import { digestOf } from '../lib/random-content.ts'
import { acceptManifests, pushImage } from '../lib/registry-client.ts'
import { basic, type System } from '../lib/system.ts'
import { type Field, type Labelled, type Settings, startField, type Workload } from '../lib/workload.ts'

const repository = 'library/image'
const tag = '1.0'
/** As many layers as an image of a common language runtime has. */
const image = { seed: 'manifests', layers: 8, layerBytes: 2048 }
const connectionCounts = [1, 16, 256]
const requestsPerUnit = 1000

async function measureRequests(
  system: System,
  request: { readonly method: 'GET' | 'HEAD'; readonly path: string; readonly contentLength: number },
  authorization: string | undefined,
  load: { readonly connections: number; readonly seconds: number },
): Promise<Sample> {
  const result = await measureLoad(system, {
    kind: 'requests',
    addresses: addressesOf(system),
    connections: load.connections,
    method: request.method,
    paths: [request.path],
    headers: { accept: acceptManifests, ...(authorization && { authorization }) },
    atMost: { requests: Number.MAX_SAFE_INTEGER, seconds: load.seconds },
    contentLength: request.contentLength,
    readBuffer: 1 << 14,
  })
  return {
    cpuMsPerUnit: (result.cpuMs / result.count) * requestsPerUnit,
    unitsPerSecond: result.count / result.seconds / requestsPerUnit,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
  }
}

/** Manifest GET by digest and HEAD by tag, at each number of connections, with the header that `header` gives. */
async function run(
  settings: Settings,
  measure: Parameters<Workload['run']>[1],
  field: Field,
  kind: string,
  header: (system: System) => Promise<string | undefined>,
): Promise<void> {
  const prepared: { readonly entry: Labelled; readonly manifest: Buffer }[] = []
  for (const entry of field.systems) {
    prepared.push({ entry, manifest: await pushImage(entry.system, repository, tag, image) })
  }
  for (const method of ['GET', 'HEAD'] as const) {
    const contenders = (connections: number, seconds: number): Contender[] =>
      prepared.map(({ entry: { label, system }, manifest }) => {
        const reference = method === 'GET' ? digestOf(manifest) : tag
        const path = `/v2/${repository}/manifests/${reference}`
        const request = { method, path, contentLength: manifest.length }
        return {
          label,
          measure: async () => measureRequests(system, request, await header(system), { connections, seconds }),
        }
      })
    for (const warming of contenders(16, settings.seconds)) await warming.measure(0)
    for (const connections of connectionCounts) {
      await measure({
        name: `manifest ${method} by ${method === 'GET' ? 'digest' : 'tag'}, ${kind}, ${connections} connections`,
        unit: '1,000 requests',
        contenders: contenders(connections, settings.seconds),
        ...(kind === 'bearer' && { goal: { of: 'cpuRatio', atMost: 0.4 } }),
      })
    }
  }
}

/** With a bearer token; distribution once without any authentication and once verifying tokens. */
export const manifestsBearer: Workload = {
  name: 'manifests-bearer',
  run: async (settings, measure) => {
    await using field = await startField(settings, [
      { label: 'breakwater', name: 'breakwater', start: startBreakwater },
      { label: 'distribution (open)', name: 'distribution', start: startDistribution },
      { label: 'distribution (token)', name: 'distribution', start: () => startDistribution({ auth: 'token' }) },
    ])
    await run(settings, measure, field, 'bearer', (system) => system.authorization(repository, 'pull'))
  },
}

/** With a user name and password in every request; distribution with an htpasswd file. */
export const manifestsBasic: Workload = {
  name: 'manifests-basic',
  run: async (settings, measure) => {
    await using field = await startField(settings, [
      { label: 'breakwater', name: 'breakwater', start: startBreakwater },
      { label: 'distribution (htpasswd)', name: 'distribution', start: () => startDistribution({ auth: 'htpasswd' }) },
    ])
    const header = (system: System): Promise<string | undefined> =>
      Promise.resolve(system.account && basic(system.account))
    await run(settings, measure, field, 'basic', header)
  },
}

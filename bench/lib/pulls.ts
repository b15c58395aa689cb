import type { Sample } from './comparison.ts'
import { addressesOf, measureLoad } from './load.ts'
import { acceptManifests } from './registry-client.ts'
import type { System } from './system.ts'

const requestsPerUnit = 1000

/** Manifest GETs of these paths in turn; a unit is a thousand of them. */
export async function measurePulls(
  system: System,
  load: {
    readonly paths: readonly string[]
    readonly authorization: string | undefined
    readonly connections: number
    readonly seconds: number
    /** At most so many; otherwise as many as the time allows. */
    readonly requests?: number
  },
): Promise<Sample> {
  const result = await measureLoad(system, {
    kind: 'requests',
    addresses: addressesOf(system),
    connections: load.connections,
    method: 'GET',
    paths: load.paths,
    headers: { accept: acceptManifests, ...(load.authorization && { authorization: load.authorization }) },
    atMost: { requests: load.requests ?? Number.MAX_SAFE_INTEGER, seconds: load.seconds },
    readBuffer: 1 << 14,
  })
  return {
    cpuMsPerUnit: (result.cpuMs / result.count) * requestsPerUnit,
    unitsPerSecond: result.count / result.seconds / requestsPerUnit,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
  }
}

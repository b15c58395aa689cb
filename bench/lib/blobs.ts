import { randomUUID } from 'node:crypto'
import type { Sample } from './comparison.ts'
import { addressesOf, type LoadMeasure, measureLoad, targetsOf } from './load.ts'
import { randomPieces } from './random-content.ts'
import { readBlob } from './registry-client.ts'
import type { System } from './system.ts'
import { uploadStream } from './upload-stream.ts'

const repository = 'library/layers'
const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

/** A blob that was pushed. */
export interface Prepared {
  readonly digest: string
  readonly bytes: number
}

/** Uploads content once and reads it back, so that what is timed afterwards is known to be right. */
export async function prepareBlob(system: System, bytes: number): Promise<Prepared> {
  const digest = await uploadStream(system, repository, randomPieces(`get ${bytes}`, bytes), bytes)
  const read = await readBlob(system, repository, digest)
  if (read.digest !== digest) throw new Error(`${system.name} gave other bytes than it was sent: ${read.digest}`)
  return { digest, bytes }
}

/** GETs of one blob again and again, until one of the bounds is reached; a unit is a GiB. */
export async function measureBlobGet(
  system: System,
  { digest, bytes }: Prepared,
  load: { readonly connections: number; readonly requests?: number; readonly seconds?: number },
): Promise<Sample> {
  const authorization = await system.authorization(repository, 'pull')
  const result = await measureLoad(system, {
    kind: 'requests',
    addresses: addressesOf(system),
    connections: load.connections,
    method: 'GET',
    paths: [`/v2/${repository}/blobs/${digest}`],
    headers: authorization ? { authorization } : {},
    atMost: { requests: load.requests ?? Number.MAX_SAFE_INTEGER, seconds: load.seconds ?? 600 },
    contentLength: bytes,
    readBuffer: mebibyte,
  })
  return perGibibyte(result, result.count * bytes)
}

/** One upload of new content (POST, PATCH, PUT); a unit is a GiB. */
export async function measureBlobPut(system: System, bytes: number): Promise<Sample> {
  const authorization = await system.authorization(repository, 'pull,push')
  const result = await measureLoad(system, {
    kind: 'upload',
    targets: targetsOf(system),
    repository,
    headers: authorization ? { authorization } : {},
    bytes,
    seed: randomUUID(),
  })
  return perGibibyte(result, bytes)
}

function perGibibyte({ cpuMs, seconds, p50Ms, p99Ms }: LoadMeasure, bytes: number): Sample {
  const transferred = bytes / gibibyte
  return { cpuMsPerUnit: cpuMs / transferred, unitsPerSecond: transferred / seconds, p50Ms, p99Ms }
}

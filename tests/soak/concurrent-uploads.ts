import { createHash } from 'node:crypto'
import { startBreakwater } from '../../bench/lib/breakwater.ts'
import { randomPieces } from '../../bench/lib/random-content.ts'
import { ask, beginUpload, closing, locationOf, readBlob, UnexpectedStatus } from '../../bench/lib/registry-client.ts'
import type { System } from '../../bench/lib/system.ts'
import { requirePeak, watchMemory } from './memory-watch.ts'
import { type Figures, type Scenario, scaled } from './scenario.ts'

const uploads = 1000
const repositories = 10
const memoryBoundMiB = 500
const readersAtOnce = 8
const octets = { 'content-type': 'application/octet-stream' }

interface Content {
  readonly repository: string
  readonly seed: string
  readonly size: number
  readonly digest: string
}

function makeContent(index: number): Content {
  const size = 2 ** 20 + Math.floor(Math.random() * 3 * 2 ** 20)
  const seed = `concurrent ${index} ${Math.random()}`
  const hash = createHash('sha256')
  for (const piece of randomPieces(seed, size)) hash.update(piece)
  const repository = `library/concurrent-${index % repositories}`
  return { repository, seed, size, digest: `sha256:${hash.digest('hex')}` }
}

async function* bytesOf(content: Content): AsyncGenerator<Buffer> {
  yield* randomPieces(content.seed, content.size)
}

type Way = (system: System, content: Content) => Promise<void>

/** POST with the digest and the bytes (end-4b). */
const singlePost: Way = async (system, content) => {
  const path = `/v2/${content.repository}/blobs/uploads/?digest=${encodeURIComponent(content.digest)}`
  const body = { body: bytesOf(content), length: content.size }
  await ask(system, content.repository, 201, { method: 'POST', path, headers: octets, ...body })
}

/** POST, then one PUT with the bytes (end-4a, end-6). */
const postAndPut: Way = async (system, content) => {
  const path = closing(await beginUpload(system, content.repository), content.digest)
  const body = { body: bytesOf(content), length: content.size }
  await ask(system, content.repository, 201, { method: 'PUT', path, headers: octets, ...body })
}

/** POST, one PATCH of unknown length, PUT: docker's way. */
const streamed: Way = async (system, content) => {
  const path = await beginUpload(system, content.repository)
  const patch = { method: 'PATCH', path, headers: octets, body: bytesOf(content) }
  const location = locationOf(await ask(system, content.repository, 202, patch))
  await ask(system, content.repository, 201, { method: 'PUT', path: closing(location, content.digest) })
}

/** POST, a PATCH with Content-Range for each MiB, PUT (end-5). */
const chunked: Way = async (system, content) => {
  let path = await beginUpload(system, content.repository)
  let offset = 0
  for await (const body of bytesOf(content)) {
    const headers = { ...octets, 'content-range': `${offset}-${offset + body.length - 1}` }
    path = locationOf(await ask(system, content.repository, 202, { method: 'PATCH', path, headers, body }))
    offset += body.length
  }
  await ask(system, content.repository, 201, { method: 'PUT', path: closing(path, content.digest) })
}

const ways = [singlePost, postAndPut, streamed, chunked] as const

async function verify(system: System, contents: readonly Content[]): Promise<void> {
  const left = [...contents]
  const reader = async (): Promise<void> => {
    for (let content = left.pop(); content; content = left.pop()) {
      const read = await readBlob(system, content.repository, content.digest)
      if (read.digest !== content.digest) throw new Error(`${content.digest} came back as ${read.digest}`)
    }
  }
  await Promise.all(Array.from({ length: readersAtOnce }, reader))
}

/** All uploads open at once, four ways mixed; then every blob is read back. */
export const concurrentUploads: Scenario = {
  name: 'concurrent-uploads',
  about: '1,000 blob uploads of 1 to 4 MiB at once into one project: no 5xx, none lost, server under 500 MB',
  run: async (scale): Promise<Figures> => {
    const contents = Array.from({ length: scaled(uploads, scale) }, (_, index) => makeContent(index))
    await using system = await startBreakwater()
    const begun = Date.now()
    const uploading = Promise.allSettled(
      contents.map((content, index) => (ways[index % ways.length] ?? singlePost)(system, content)),
    )
    const { result, peaks } = await watchMemory(system, uploading)
    const seconds = (Date.now() - begun) / 1000
    const failures = result.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown)
    if (failures.length > 0) {
      const serverFaults = failures.filter((cause) => cause instanceof UnexpectedStatus && cause.status >= 500).length
      const first = String(failures[0])
      throw new Error(`${failures.length} uploads failed, ${serverFaults} of them with 5xx; the first: ${first}`)
    }
    await verify(system, contents)
    requirePeak(peaks, memoryBoundMiB)
    const mebibytes = contents.reduce((sum, { size }) => sum + size, 0) / 2 ** 20
    return { uploads: contents.length, mebibytes: Math.round(mebibytes), seconds, ...peaks }
  },
}

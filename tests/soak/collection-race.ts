import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Breakwater, startBreakwater } from '../../bench/lib/breakwater.ts'
import { send } from '../../bench/lib/http-client.ts'
import { digestOf, randomBytesOf } from '../../bench/lib/random-content.ts'
import {
  configType,
  type Descriptor,
  imageConfig,
  imageManifest,
  layerType,
  pushBlob,
  pushManifest,
  readBlob,
  UnexpectedStatus,
} from '../../bench/lib/registry-client.ts'
import { basic } from '../../bench/lib/system.ts'
import { runCollection } from './run-collection.ts'
import type { Figures, Scenario } from './scenario.ts'

const fullMs = 600_000
const pushersAtOnce = 4
/** Few blobs, so that pushers and the collector meet all the time. */
const layers = Array.from({ length: 12 }, (_, at) => randomBytesOf(`collection-race/${at}`, 4_096))

interface Tally {
  pushes: number
  refused: number
  blobsRead: number
}

/** Pushes an image of some of the layers, as a client does that asks first; reads all of it back; deletes it. */
async function round(system: Breakwater, repository: string, tally: Tally): Promise<void> {
  const chosen = layers.filter(() => Math.random() < 0.3)
  const config = imageConfig([digestOf(Buffer.from(randomUUID()))])
  try {
    const descriptors: Descriptor[] = []
    for (const bytes of [config, ...chosen]) {
      const digest = digestOf(bytes)
      if (!(await isThere(system, repository, digest))) await pushBlob(system, repository, bytes)
      descriptors.push({ mediaType: bytes === config ? configType : layerType, digest, size: bytes.length })
    }
    const [first, ...others] = descriptors
    if (!first) throw new Error('an image has a configuration')
    const bytes = imageManifest(first, others)
    const digest = await pushManifest(system, repository, randomUUID(), bytes)
    tally.pushes += 1
    for (let turn = 0; turn < 3; turn += 1) {
      for (const blob of descriptors) {
        const read = await readBlob(system, repository, blob.digest)
        if (read.digest !== blob.digest) throw new Error(`${repository} lost ${blob.digest}`)
        tally.blobsRead += 1
      }
      await sleep(Math.random() * 200)
    }
    const headers = { authorization: basic(system.account) }
    const gone = await send(system, { method: 'DELETE', path: `/v2/${repository}/manifests/${digest}`, headers })
    if (gone.status !== 202) throw new Error(`the deletion of ${digest} answered ${gone.status}`)
  } catch (error) {
    // These windows are shorter than a push may take: such a one is refused, which is what is promised.
    const refused =
      error instanceof UnexpectedStatus && /: (?:503|400|404) .*(?:pushed|BLOB_UNKNOWN)/s.test(error.message)
    const whilePushing = refused && /^(?:PUT|POST)/.test(error.message)
    if (!whilePushing) throw error
    tally.refused += 1
  }
}

async function isThere(system: Breakwater, repository: string, digest: string): Promise<boolean> {
  const authorization = await system.authorization(repository, 'pull,push')
  const headers = authorization ? { authorization } : {}
  const reply = await send(system, { method: 'HEAD', path: `/v2/${repository}/blobs/${digest}`, headers })
  return reply.status === 200
}

/** Has the server collect, again and again; returns blobs deleted. */
async function collect(system: Breakwater, until: number): Promise<number> {
  let deleted = 0
  while (Date.now() < until) deleted += (await runCollection(system)).blobs ?? 0
  return deleted
}

/** Pushers of a few shared blobs against a collector whose windows are over at once. */
export const collectionRace: Scenario = {
  name: 'collection-race',
  about:
    'pushes, pulls and deletions of a few blobs against a collector whose windows are over at once: nothing acknowledged is lost',
  run: async (scale): Promise<Figures> => {
    await using system = await startBreakwater({
      settings: { BREAKWATER_COLLECTION_UNDO: '100ms', BREAKWATER_COLLECTION_GRACE: '100ms' },
    })
    const until = Date.now() + fullMs * scale
    const tally: Tally = { pushes: 0, refused: 0, blobsRead: 0 }
    const pusher = async (_: unknown, at: number) => {
      while (Date.now() < until) await round(system, `library/race${at % 3}`, tally)
    }
    const pushing = Array.from({ length: pushersAtOnce }, pusher)
    const [deleted] = await Promise.all([collect(system, until), ...pushing])
    if (deleted === 0) throw new Error('the collector deleted nothing, so nothing was raced')
    return { ...tally, blobsDeleted: deleted }
  },
}

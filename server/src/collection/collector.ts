import { setTimeout as wait } from 'node:timers/promises'
import { type Deletion, deletionLeaseMs } from '../blobs/index.ts'
import type { ContentStore } from '../content/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import {
  announce,
  type Batch,
  dropLinks,
  finish,
  reviewBlobs,
  reviewLinks,
  reviewManifests,
  type Windows,
} from './stages.ts'

/** What a collection has done. */
export interface Counts {
  /** Removed from a repository that did not need them. */
  readonly links: number
  readonly manifests: number
  /** Deleted from the store. */
  readonly blobs: number
  readonly bytes: number
  /** That the store could not delete now; they are tried again. */
  readonly failed: number
}

const nothing: Counts = { links: 0, manifests: 0, blobs: 0, bytes: 0, failed: 0 }

export interface Collector {
  /** Does what is due now, until nothing is, or `signal` ends it. `progress` is told after each batch. */
  collect(signal: AbortSignal, progress?: (counts: Counts) => Promise<void>): Promise<Counts>
}

export interface CollectorDeps {
  readonly pool: Pool
  readonly store: Pick<ContentStore, 'remove'>
  readonly windows: Windows
  /** Most blobs that are deleted in a second by one collector. */
  readonly rate: number
  readonly log: Pick<Logger, 'warn'>
  /** Told of blobs and bytes that are gone from the store, batch by batch. */
  readonly deleted?: (blobs: number, bytes: number) => void
}

/** Rows of one transaction: locks are held for some milliseconds. */
const batch = 250

/** Deletions that the store is asked for at once: as few as give the rate, since reads beside them want the store, too. */
const fewest = 2
const most = 16

/** `ms` is what one deletion took. Twice what the rate needs, since a batch has more to do than this. */
const atOnceFor = (rate: number, ms: number): number =>
  Math.min(most, Math.max(fewest, Math.ceil((2 * rate * ms) / 1_000)))

/**
 * The collector's protocol. A link that no manifest of its repository needs is doomed when the undo window has passed: no
 * reader sees it, a manifest that names it revives it. It goes when the grace period has passed, and with its last link a
 * blob is doomed; an upload revives it. After a grace period of its own its deletion is announced: from then on nothing can
 * name it, and who brings the same bytes waits. Then the bytes are deleted, then the row. Each step takes rows that nobody
 * holds, asks again whether something names them, and any number of collectors may work at once.
 *
 * A collector that dies leaves announced deletions, which another takes over when the lease is over. Within its first third
 * a collector begins with the last of its deletions, so that none can come after somebody has stored the bytes again.
 */
export function createCollector({ pool, store, windows, rate, log, deleted }: CollectorDeps): Collector {
  let atOnce = fewest

  async function remove(deletions: readonly Deletion[], until: number): Promise<readonly Deletion[]> {
    const left = [...deletions]
    const gone: Deletion[] = []
    const began = performance.now()
    const worker = async () => {
      for (let one = left.shift(); one && performance.now() < until; one = left.shift()) {
        try {
          await store.remove(one.digest)
          gone.push(one)
        } catch (err) {
          log.warn({ err, digest: one.digest }, 'a blob could not be deleted; it is tried again')
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    atOnce = atOnceFor(rate, ((performance.now() - began) * atOnce) / deletions.length)
    return gone
  }

  async function deleteBatch() {
    const began = performance.now()
    const { seen, deletions } = await announce(pool, windows, Math.min(batch, rate))
    if (deletions.length === 0) return { seen, blobs: 0, bytes: 0, failed: 0 }
    const gone = await remove(deletions, began + deletionLeaseMs / 3)
    const ended = await finish(pool, gone)
    deleted?.(ended.blobs, ended.bytes)
    return { seen, ...ended, failed: deletions.length - gone.length }
  }

  return {
    async collect(signal, progress) {
      let counts = nothing
      for (;;) {
        signal.throwIfAborted()
        const began = performance.now()
        const links = await reviewLinks(pool, windows, batch)
        const manifests = await reviewManifests(pool, windows, batch)
        const dropped = await dropLinks(pool, windows, batch)
        const blobs = await reviewBlobs(pool, batch)
        const { seen, ...gone } = await deleteBatch()
        counts = sum(counts, { links: dropped.done, manifests: manifests.done, ...gone })
        await progress?.(counts)
        if (seen + [links, manifests, dropped, blobs].reduce(seenIn, 0) === 0) return counts
        const earliest = began + (1_000 * seen) / rate
        if (performance.now() < earliest) await wait(earliest - performance.now(), undefined, { signal })
      }
    },
  }
}

const seenIn = (total: number, { seen }: Batch): number => total + seen

function sum(a: Counts, b: Counts): Counts {
  return {
    links: a.links + b.links,
    manifests: a.manifests + b.manifests,
    blobs: a.blobs + b.blobs,
    bytes: a.bytes + b.bytes,
    failed: a.failed + b.failed,
  }
}

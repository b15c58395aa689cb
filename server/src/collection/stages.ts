import { removeForgotten } from '../artifacts/index.ts'
import {
  announceDeletions,
  type Deletion,
  doomBlobs,
  doomLinks,
  endDeletions,
  keyOf,
  lockBlobs,
  lockLinks,
  removeDoomedLinks,
  takeOverDeletions,
} from '../blobs/index.ts'
import { type Pool, transaction } from '../metadata/index.ts'
import { endReviews, postpone, takeDue } from './review-queries.ts'

/** Milliseconds. */
export interface Windows {
  /** How long what nothing names any more is left as it is, so that its deletion can be undone. */
  readonly undo: number
  /** How long what is doomed stays before it goes. A push that found it there must be over by then. */
  readonly grace: number
}

/** What came of one batch: `seen` is 0 where nothing was due. */
export interface Batch {
  readonly seen: number
  readonly done: number
}

/** What a push is using now is looked at again so much later. */
const busyMs = 1_000

/** Links that no manifest of their repository needs are doomed. */
export function reviewLinks(pool: Pool, { undo }: Windows, limit: number): Promise<Batch> {
  return transaction(pool, async (tx) => {
    const due = await takeDue(tx, 'link', undo, limit)
    const current = due.filter(({ superseded }) => !superseded)
    const { locked, busy } = await lockLinks(tx, current)
    const { doomed, young } = await doomLinks(tx, locked, undo)
    const kept = new Map([
      ...young.map((link) => [keyOf(link), undo] as const),
      ...busy.map((link) => [keyOf(link), busyMs] as const),
    ])
    await postpone(
      tx,
      current.filter((one) => kept.get(keyOf(one)) === undo),
      undo,
      undo,
    )
    await postpone(
      tx,
      current.filter((one) => kept.get(keyOf(one)) === busyMs),
      busyMs,
      undo,
    )
    await endReviews(
      tx,
      due.filter((one) => one.superseded || !kept.has(keyOf(one))),
    )
    return { seen: due.length, done: doomed }
  })
}

/** Manifests that no repository has are removed; their bytes are a blob's. */
export function reviewManifests(pool: Pool, { undo }: Windows, limit: number): Promise<Batch> {
  return transaction(pool, async (tx) => {
    const due = await takeDue(tx, 'manifest', undo, limit)
    const current = due.filter(({ superseded }) => !superseded)
    const { removed, busy } = await removeForgotten(
      tx,
      current.map(({ digest }) => digest),
    )
    const waiting = new Set(busy)
    await postpone(
      tx,
      current.filter(({ digest }) => waiting.has(digest)),
      busyMs,
      undo,
    )
    await endReviews(
      tx,
      due.filter((one) => one.superseded || !waiting.has(one.digest)),
    )
    return { seen: due.length, done: removed }
  })
}

/** Doomed links go when their grace is over. */
export async function dropLinks(pool: Pool, { grace }: Windows, limit: number): Promise<Batch> {
  const { seen, removed } = await transaction(pool, (tx) => removeDoomedLinks(tx, grace, limit))
  return { seen, done: removed }
}

/** Blobs that nothing names are doomed: at once, as what named them has had its time. */
export function reviewBlobs(pool: Pool, limit: number): Promise<Batch> {
  return transaction(pool, async (tx) => {
    const due = await takeDue(tx, 'blob', 0, limit)
    const current = due.filter(({ superseded }) => !superseded)
    const { locked, busy } = await lockBlobs(
      tx,
      current.map(({ digest }) => digest),
    )
    const doomed = await doomBlobs(tx, locked)
    const waiting = new Set(busy)
    await postpone(
      tx,
      current.filter(({ digest }) => waiting.has(digest)),
      busyMs,
      0,
    )
    await endReviews(
      tx,
      due.filter((one) => one.superseded || !waiting.has(one.digest)),
    )
    return { seen: due.length, done: doomed }
  })
}

/** Announces the deletion of blobs whose grace is over, or takes over what another collector has left. */
export function announce(pool: Pool, { grace }: Windows, limit: number) {
  return transaction(pool, async (tx) => {
    const left = await takeOverDeletions(tx, limit)
    if (left.length > 0) return { seen: left.length, deletions: left }
    return announceDeletions(tx, grace, limit)
  })
}

/** Ends what was announced and done; returns blobs and bytes. */
export async function finish(pool: Pool, deletions: readonly Deletion[]): Promise<{ blobs: number; bytes: number }> {
  const ended = new Set(await transaction(pool, (tx) => endDeletions(tx, deletions)))
  const gone = deletions.filter(({ digest }) => ended.has(digest))
  return { blobs: gone.length, bytes: gone.reduce((sum, { size }) => sum + size, 0) }
}

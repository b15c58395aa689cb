import { Readable } from 'node:stream'
import { manifestBytes } from '../artifacts/index.ts'
import { markWhole, reserveBlob } from '../blobs/index.ts'
import { blobStream, ContentDamaged, ContentMissing, replaceBlob, StoreUnavailable } from '../content/index.ts'
import { record, system } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import type { ScrubDeps } from './deps.ts'
import type { SizedBlob } from './queries.ts'

/**
 * Brings a damaged blob's bytes back: a manifest's from the database, any other's from the second store. Returns from where;
 * undefined where nobody has them now.
 */
export async function heal(deps: ScrubDeps, blob: SizedBlob): Promise<string | undefined> {
  const { pool, healFrom, log } = deps
  const manifest = await manifestBytes(pool, blob.digest)
  if (manifest && (await bring(deps, blob, Readable.from([manifest]), 'database'))) return 'database'
  if (!healFrom) return undefined
  try {
    const healed = await bring(deps, blob, blobStream(await healFrom(), blob.digest, blob.size), 'second store')
    return healed ? 'second store' : undefined
  } catch (err) {
    if (!(err instanceof ContentMissing || err instanceof ContentDamaged || err instanceof StoreUnavailable)) throw err
    log.warn({ err, digest: blob.digest }, 'a damaged blob could not be had from the second store')
    return undefined
  }
}

/** False where the blob was healed or deleted meanwhile. */
async function bring(deps: ScrubDeps, blob: SizedBlob, body: Readable, from: string): Promise<boolean> {
  const { pool } = deps
  // As with a push: between this and the end nobody deletes the bytes.
  const reservation = await reserveBlob(pool, blob.digest, blob.size)
  await replaceBlob(deps, blob, body)
  return transaction(pool, async (tx) => {
    if (!(await markWhole(tx, blob.digest, reservation))) return false
    await record(tx, system, { action: 'blob.heal', object: blob.digest, detail: { from } })
    return true
  })
}

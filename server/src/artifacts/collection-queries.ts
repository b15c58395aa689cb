import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import { keepContent } from '../blobs/index.ts'
import type { Tx } from '../metadata/index.ts'

/**
 * Removes those of the manifests that no repository has, with what is known of them. `busy` are those that a push is
 * using now, `removed` how many are gone.
 */
export async function removeForgotten(
  tx: Tx,
  digests: readonly Digest[],
): Promise<{ readonly removed: number; readonly busy: readonly Digest[] }> {
  const values = [digests.map(digestToBytes)]
  const all = await tx.query<{ digest: Buffer }>('select digest from manifest where digest = any($1)', values)
  const free = await tx.query<{ digest: Buffer }>(
    'select digest from manifest where digest = any($1) for update skip locked',
    values,
  )
  const locked = new Set(free.rows.map((row) => digestFromBytes(row.digest)))
  // Asked only now that they are locked: a snapshot from before could lack a push that has just ended.
  const { rows } = await tx.query<{ digest: Buffer }>(
    `select digest from manifest m where digest = any($1)
       and not exists (select from repository_manifest where digest = m.digest)`,
    [free.rows.map((row) => row.digest)],
  )
  const forgotten = rows.map((row) => row.digest)
  await keepContent(tx, forgotten.map(digestFromBytes))
  await tx.query('delete from manifest_blob where manifest = any($1)', [forgotten])
  await tx.query('delete from manifest_reference where parent = any($1)', [forgotten])
  await tx.query('delete from manifest where digest = any($1)', [forgotten])
  return {
    removed: forgotten.length,
    busy: all.rows.map((row) => digestFromBytes(row.digest)).filter((digest) => !locked.has(digest)),
  }
}

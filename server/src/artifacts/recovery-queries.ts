import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'

/** Those of the digests that are manifests, with their bytes. */
export async function manifestsIn(
  db: Db,
  digests: readonly Digest[],
): Promise<{ readonly digest: Digest; readonly bytes: Buffer }[]> {
  const { rows } = await db.query<{ digest: Buffer; bytes: Buffer }>(
    'select digest, bytes from manifest where digest = any($1)',
    [digests.map(digestToBytes)],
  )
  return rows.map(({ digest, bytes }) => ({ digest: digestFromBytes(digest), bytes }))
}

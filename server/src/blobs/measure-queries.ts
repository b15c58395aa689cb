import type { Db } from '../metadata/index.ts'

/** What is under way or waits, each counted up to ten thousand. */
export interface BlobMeasure {
  /** Uploads that have not ended and may go on. */
  readonly uploads: number
  /** Blobs that are deleted when their grace is over. */
  readonly doomed: number
  /** Blobs whose deletion was announced. */
  readonly deleting: number
}

export async function measureBlobs(db: Db): Promise<BlobMeasure> {
  const { rows } = await db.query<BlobMeasure>({
    name: 'blob-measure',
    text: `select
             (select count(*) from (select from upload where expires_at > now() limit 10000) counted) as uploads,
             (select count(*) from (select from blob where state = 'doomed' limit 10000) counted) as doomed,
             (select count(*) from (select from blob where state = 'deleting' limit 10000) counted) as deleting`,
  })
  return rows[0] ?? { uploads: 0, doomed: 0, deleting: 0 }
}

import type { Config } from '../../config/index.ts'
import type { Bucket } from './bucket.ts'
import { tryBucket } from './object-store.ts'

export interface OpenedBucket {
  readonly bucket: Bucket
  readonly prefix: string
}

/** The bucket of the configured object store; undefined where the store is a folder. An SDK is loaded only when used. */
export async function openBucket({ kind, s3, azure, gcs }: Config['store']): Promise<OpenedBucket | undefined> {
  switch (kind) {
    case 'filesystem':
      return undefined
    case 's3': {
      const { openS3Bucket } = await import('./s3.ts')
      return { bucket: openS3Bucket(s3, s3.bucket ?? ''), prefix: s3.prefix ?? '' }
    }
    case 'azure': {
      const { openAzureBucket } = await import('./azure.ts')
      return { bucket: openAzureBucket(azure, azure.container ?? ''), prefix: azure.prefix ?? '' }
    }
    case 'gcs': {
      const { openGcsBucket } = await import('./gcs.ts')
      return { bucket: openGcsBucket(gcs, gcs.bucket ?? ''), prefix: gcs.prefix ?? '' }
    }
  }
}

/**
 * Writes, reads and removes a small object of the configured object store; resolves with its name and the milliseconds
 * that this took, or with undefined where the store is a folder. Fails with StoreUnavailable, which says what is wrong.
 */
export async function tryObjectStore(
  config: Config,
): Promise<{ readonly name: string; readonly took: number } | undefined> {
  const opened = await openBucket(config.store)
  if (!opened) return undefined
  return { name: opened.bucket.name, took: await tryBucket(opened.bucket, opened.prefix) }
}

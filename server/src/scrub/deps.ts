import type { ContentStore, Hasher } from '../content/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'

export interface ScrubDeps {
  readonly pool: Pool
  readonly store: ContentStore
  readonly hasher: Hasher
  /** Opens a store where damaged blobs may be had whole. */
  readonly healFrom: (() => Promise<Pick<ContentStore, 'read'>>) | undefined
  /** Most bytes that are read in a second. */
  readonly rate: number
  readonly log: Pick<Logger, 'warn' | 'error'>
  /** Told of each blob that was read. */
  readonly read?: (bytes: number) => void
}

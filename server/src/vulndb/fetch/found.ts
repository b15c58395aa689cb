import type { DatabaseFiles } from './extract.ts'

/** A database that is there to be had; nothing large has been moved yet. */
export type Found =
  | {
      readonly kind: 'archive'
      /** Of the artifact. Undefined for a file, whose digest shows when it was read. */
      readonly digest: string | undefined
      /** Bytes of the archive. */
      readonly size: number
      /** The archive, checked as it comes. */
      archive(signal: AbortSignal): AsyncIterable<Uint8Array>
    }
  | {
      /** Unpacked already, and left where it is. */
      readonly kind: 'folder'
      readonly digest: string
      readonly files: DatabaseFiles
    }

import type { Target } from '../lib/http-client.ts'

/** Where the load goes. */
export interface Address {
  readonly host: string
  readonly port: number
  /** PEM of the authority to trust; plain TCP without it. */
  readonly ca?: string | undefined
}

/** Closed loop: every connection sends its next request when the reply to the last one is complete. */
export interface RequestsJob {
  readonly kind: 'requests'
  /** The connections are spread over them evenly. */
  readonly addresses: readonly Address[]
  readonly connections: number
  readonly method: 'GET' | 'HEAD'
  /** Requested in turn. */
  readonly paths: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** Ends after so many requests or so many seconds, whichever comes first. */
  readonly atMost: { readonly requests: number; readonly seconds: number }
  /** What Content-Length every reply must have; undefined where replies differ. */
  readonly contentLength?: number
  /** Size of each connection's read buffer in bytes. */
  readonly readBuffer: number
}

/** One blob after another by POST, PATCH and PUT, the way docker and crane push. */
export interface UploadJob {
  readonly kind: 'upload'
  /** Asked in turn, so that the requests of one upload meet several processes where there are several. */
  readonly targets: readonly Target[]
  readonly repository: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: number
  /** Names the content: another seed, other bytes. */
  readonly seed: string
}

/** Reads a whole tag list, page after page as the Link header says. */
export interface ListingJob {
  readonly kind: 'listing'
  readonly origin: string
  readonly ca?: string | undefined
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly times: number
  /** How many tags the list must have. */
  readonly tags: number
}

export type Job = RequestsJob | UploadJob | ListingJob

/** What a job did: how many times, in how long, and how long each took (milliseconds). */
export interface LoadResult {
  readonly count: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

export type FromLoad =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly message: string }

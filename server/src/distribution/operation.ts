import type { IncomingMessage } from 'node:http'
import type { Uploads } from '../blobs/index.ts'
import type { ContentStore, PresignedReads } from '../content/index.ts'
import type { Reply } from '../http/index.ts'
import type { Principal } from '../identity/index.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Actor, Pulls } from '../ledger/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { Gate } from '../policy/index.ts'
import type { VulnDatabase } from '../vulndb/index.ts'
import type { PullLookups } from './queries.ts'

export interface DistributionDeps {
  readonly pool: Pool
  readonly lookups: PullLookups
  readonly gate: Gate
  readonly store: ContentStore
  readonly uploads: Uploads
  readonly pulls: Pulls
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly vulndb: Pick<VulnDatabase, 'pushed'>
  readonly manifests: ManifestCache
  readonly limits: { readonly manifestBytes: number }
  /** Where blobs may be fetched from the object store itself (`store.redirect`); undefined where they pass through here. */
  readonly redirect: PresignedReads['presign'] | undefined
}

/** Manifest bytes by digest: they never change, so nothing has to be told when a replica changes something. */
export interface ManifestCache {
  get(digest: string): Buffer | undefined
  set(digest: string, bytes: Buffer): unknown
}

/** One request, after its credentials were read and before anything was decided. */
export interface Call {
  readonly method: string
  readonly query: URLSearchParams
  /** With its headers; the body is read by the operation that wants it. */
  readonly message: IncomingMessage
  readonly who: Principal
  readonly actor: Actor
}

export type Operation<Target> = (deps: DistributionDeps, call: Call, target: Target) => Promise<Reply>

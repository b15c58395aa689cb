import type { LayerInventory } from '@breakwater/inventory'

/** What a reader is asked about a blob. Answers are by its bytes alone. */
export type Task =
  | { readonly kind: 'layer' }
  /** Whether it is a document of this media type; see isDocument. */
  | { readonly kind: 'document'; readonly mediaType: string }
  /** Whether it is a Helm chart of this name; see isChart. */
  | { readonly kind: 'chart'; readonly name: string }
  /** Whether it is a vulnerability database; see isDatabaseArchive. */
  | { readonly kind: 'database' }

/** Sends all bytes of a blob to the sink, in order; the sink fails when no more are wanted. */
export type Source = (sink: (chunk: Buffer) => Promise<void>) => Promise<void>

export type LayerReading =
  | { readonly diffId: string; readonly size: number; readonly inventory: LayerInventory }
  /** It can be read by no one. */
  | { readonly failure: string }

export interface Answers {
  readonly layer: LayerReading
  readonly document: boolean
  readonly chart: boolean
  readonly database: boolean
}

/** `begun`: the question has arrived. */
export type FromReader =
  | { readonly begun: true }
  | { readonly answer: Answers[Task['kind']] }
  | { readonly failure: string }

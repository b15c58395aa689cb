import type { ServerResponse } from 'node:http'

/** What an operation answers. `stream` writes the body itself, headers first. */
export interface Reply {
  readonly status: number
  /** Of the error that this answers, for logs and metrics. */
  readonly code?: string
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: string | Buffer
  readonly stream?: (response: ServerResponse) => Promise<void>
}

import type { Reply } from '../http/index.ts'
import type { ApiDeps, Caller } from './caller.ts'

/** What an operation gets: who calls, and the validated parts of the request. */
export interface Input {
  readonly caller: Caller
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: unknown
  /** Harbor's `X-Is-Resource-Name`: a number in the path is a name. */
  readonly byName: boolean
  readonly path: string
}

export type ApiOperation = (deps: ApiDeps, input: Input) => Promise<Reply>

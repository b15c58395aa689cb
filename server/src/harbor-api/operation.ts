import type { OperationId, OperationShape, operations } from '@breakwater/harbor-contract'
import type { Static, TSchema } from 'typebox'
import type { ContentStore } from '../content/index.ts'
import type { Readiness, Reply } from '../http/index.ts'
import type { Authenticator, Passwords, RobotSecrets, Sessions } from '../identity/index.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { Gate } from '../policy/index.ts'
import type { Settings } from '../settings/index.ts'
import type { VulnDatabase } from '../vulndb/index.ts'
import type { Caller } from './caller.ts'

export interface ApiDeps {
  readonly pool: Pool
  readonly authenticator: Authenticator
  readonly passwords: Passwords
  readonly sessions: Sessions
  readonly robotSecrets: RobotSecrets
  readonly settings: Settings
  readonly jobs: Pick<Jobs, 'enqueue' | 'schedule'>
  readonly vulndb: Pick<VulnDatabase, 'current' | 'answers' | 'details'>
  readonly gate: Gate
  readonly store: Pick<ContentStore, 'space' | 'size' | 'read'>
  readonly facts: ServerFacts
  readonly readiness: () => Promise<Readiness>
}

/** What the process knows of itself from its start. */
export interface ServerFacts {
  readonly version: string
  readonly externalUrl: string | undefined
  /** The kind of blob store. */
  readonly storeKind: string
}

type Part<O, K extends string> = O extends { readonly [key in K]: infer S extends TSchema }
  ? Static<S>
  : Record<never, never>

/** What an operation gets: who calls, and the checked parts of the request. Values that were null are absent. */
export interface Input<O extends OperationShape = OperationShape> {
  readonly caller: Caller
  readonly params: Part<O, 'params'>
  readonly query: Part<O, 'query'>
  readonly headers: Part<O, 'headers'>
  readonly body: Part<O, 'body'>
  /** Scheme and host that the client used for us. */
  readonly origin: string
  /** The path as it was asked for, without query and without a slash at its end. */
  readonly path: string
  /** The parameters as they were asked for, for links to other pages. */
  readonly search: URLSearchParams
}

export type Handler<Id extends OperationId> = (deps: ApiDeps, input: Input<(typeof operations)[Id]>) => Promise<Reply>

/** The handlers of one of Harbor's tags. */
export type HandlersOf<Id extends OperationId> = { readonly [I in Id]: Handler<I> }

export function json(value: unknown, headers: Reply['headers'] = {}): Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: `${JSON.stringify(value)}\n`,
  }
}

export const ok: Reply = { status: 200 }

/** 201 with the place of what was made: the path that was asked for, and the id. */
export function created({ path }: { readonly path: string }, id: number | string): Reply {
  return { status: 201, headers: { Location: `${path}/${id}` } }
}

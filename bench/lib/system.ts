import type { Target } from './http-client.ts'
import type { Measured } from './usage.ts'

export type SystemName = 'breakwater' | 'distribution'

/** What may be asked of a token for a repository. */
export type Actions = 'pull' | 'pull,push'

/** A started registry. Disposing it ends its processes and removes its folder. */
export interface System extends Target, Measured, AsyncDisposable {
  readonly name: SystemName
  /** The account that may push, for clients that sign in by themselves; undefined when nobody has to. */
  readonly account: Account | undefined
  /** The Authorization header for a repository; undefined when the system asks for none. */
  readonly authorization: (repository: string, actions: Actions) => Promise<string | undefined>
}

export interface Account {
  readonly user: string
  readonly password: string
}

/** The header of basic authentication (RFC 7617). */
export function basic(account: Account): string {
  return `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}`
}

/** What a token carries: the actions that were asked for and held, for one repository. */
export interface Grant {
  /** The repository's full name. */
  readonly name: string
  readonly actions: readonly string[]
}

/** Somebody whose credential was checked. */
interface Known {
  readonly id: number
  /** A robot's begins with its project and `+` where it belongs to one; no prefix. */
  readonly name: string
  /** The account's revision when the credential was checked; a newer account makes it void. */
  readonly revision: number
  readonly credential: 'basic' | 'token' | 'session'
  /** Only for tokens. */
  readonly grants?: readonly Grant[]
}

export type Principal =
  | { readonly kind: 'anonymous'; readonly credential: 'none' | 'token'; readonly grants?: readonly Grant[] }
  | ({ readonly kind: 'user' } & Known)
  | ({ readonly kind: 'robot' } & Known)

export const anonymous: Principal = { kind: 'anonymous', credential: 'none' }

/** How the ledger names somebody. */
export function actorName(who: Principal): string {
  return who.kind === 'anonymous' ? 'anonymous' : `${who.kind}:${who.name}`
}

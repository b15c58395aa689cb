/** What a token carries: the actions that were asked for and held, for one repository. */
export interface Grant {
  /** The repository's full name. */
  readonly name: string
  readonly actions: readonly string[]
}

export type Principal =
  | { readonly kind: 'anonymous'; readonly credential: 'none' | 'token'; readonly grants?: readonly Grant[] }
  | {
      readonly kind: 'user'
      readonly id: number
      readonly name: string
      /** The account's revision when the credential was checked; a newer account makes it void. */
      readonly revision: number
      readonly credential: 'basic' | 'token'
      /** Only for tokens. */
      readonly grants?: readonly Grant[]
    }

export const anonymous: Principal = { kind: 'anonymous', credential: 'none' }

/** How the ledger names somebody. */
export function actorName(who: Principal): string {
  return who.kind === 'user' ? `user:${who.name}` : 'anonymous'
}

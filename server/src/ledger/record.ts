/** Who did something, from where, with which kind of credential. */
export interface Actor {
  /** `user:NAME`, `robot:NAME`, `anonymous` or `system`. */
  readonly name: string
  readonly credential: 'basic' | 'token' | 'session' | 'none' | 'internal'
  readonly address: string
  readonly requestId: string
}

/** One state change, written in the transaction that makes it (invariant I5). */
export interface Change {
  /** `object.verb`, such as `artifact.push`. */
  readonly action: string
  /** What it was done to, as a user would write it: `library/app:1`, `project library`. */
  readonly object: string
  readonly detail?: Readonly<Record<string, unknown>>
  /** Where it belongs to one. */
  readonly projectId?: number | undefined
}

/** Somebody got the bytes of a manifest. */
export interface Pull {
  readonly at: Date
  readonly repositoryId: number
  readonly digest: Buffer
  /** The tag that was asked for; undefined for a pull by digest. */
  readonly tag: string | undefined
  readonly actor: Actor
  /** Whether the policy spoke against it, and only warns. */
  readonly warned: boolean
}

/** The program itself, at start and on schedules. */
export const system: Actor = { name: 'system', credential: 'internal', address: '', requestId: '' }

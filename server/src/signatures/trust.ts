import { type PublicKey, parsePublicKey } from '@breakwater/signing'

/** How many keys have to sign: one, every one that holds, or so many different ones. */
export type Requirement = 'any' | 'all' | number

/** A public key whose signatures count. */
export interface TrustKey {
  readonly name: string
  /** 0: everywhere. */
  readonly projectId: number
  readonly pem: string
  /** SHA-256 of the key as SubjectPublicKeyInfo, in hex. */
  readonly fingerprint: string
  readonly algorithm: string
  /** Patterns of repositories, without the project; undefined: any. */
  readonly repositories: readonly string[] | undefined
  /** That a signature has to carry. */
  readonly annotations: Readonly<Record<string, string>>
  /** Signatures that were first seen later do not count. */
  readonly validUntil: Date | undefined
  /** Since then nothing that it signed counts. */
  readonly compromisedAt: Date | undefined
  readonly createdAt: Date
  /** As the ledger names them. */
  readonly createdBy: string
}

/** What was set beside the keys. */
export interface TrustSettings {
  readonly requirement: Requirement
  /**
   * Without a key nothing can be verified: then nothing passes. Becomes true with the first key, so that taking the last
   * one away does not open the door.
   */
  readonly requirePinned: boolean
  /** Names of projects whose attestations and SBOMs come along when their images are pushed here. */
  readonly evidenceFrom: readonly string[]
  /** Only for the whole registry: signatures are demanded in every project, whatever it says itself. */
  readonly demanded: boolean
}

export const trustDefaults: TrustSettings = {
  requirement: 'any',
  requirePinned: false,
  evidenceFrom: [],
  demanded: false,
}

/** Keys that are read for one project; its own, and as many for the whole registry. */
export const mostKeys = 50

/** The keys that verify, each once. */
export function verifiers(keys: readonly Pick<TrustKey, 'pem' | 'fingerprint'>[]): PublicKey[] {
  return [...new Map(keys.map((key) => [key.fingerprint, key])).values()].map(({ pem }) => parsePublicKey(pem))
}

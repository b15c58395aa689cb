/** Why a text is no key that can be used. */
export type PublicKeyFault =
  | 'not-pem'
  | 'several'
  | 'certificate'
  | 'private-key'
  | 'malformed'
  | 'weak'
  | 'unsupported'

/** A refused public key. The message says what to do, and never quotes what was given: it may be a private key. */
export class PublicKeyError extends Error {
  override readonly name = 'PublicKeyError'
  readonly code: PublicKeyFault

  constructor(code: PublicKeyFault, message: string) {
    super(message)
    this.code = code
  }
}

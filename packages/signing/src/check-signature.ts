import { constants, verify } from 'node:crypto'
import { isEcdsaDer } from './ecdsa-der.ts'
import type { PublicKey } from './public-key.ts'

/** The longest ECDSA signature, with P-521; what is longer was made with RSA. */
const longestEcdsa = 139

/** Whether bytes are the signature of a key over a message, and if not, what is wrong with them. */
export type SignatureCheck = 'ok' | 'wrong-key' | 'malformed' | 'algorithm'

/** Verifies in the way that the key's type fixes. `algorithm` where no key of that type and size makes such bytes. */
export function checkSignature(message: Uint8Array, signature: Uint8Array, key: PublicKey): SignatureCheck {
  return key.algorithm === 'rsa-pkcs1v15' ? checkRsa(message, signature, key) : checkEcdsa(message, signature, key)
}

function checkRsa(message: Uint8Array, signature: Uint8Array, { key, bits, hashes }: PublicKey): SignatureCheck {
  if (signature.length !== Math.ceil(bits / 8)) return 'algorithm'
  const padding = constants.RSA_PKCS1_PADDING
  return hashes.some((hash) => verify(hash, message, { key, padding }, signature)) ? 'ok' : 'wrong-key'
}

function checkEcdsa(message: Uint8Array, signature: Uint8Array, { key, bits, hashes }: PublicKey): SignatureCheck {
  if (signature.length > longestEcdsa) return 'algorithm'
  if (!isEcdsaDer(signature, Math.ceil(521 / 8))) return 'malformed'
  // Numbers beyond the curve were made with a larger one.
  if (!isEcdsaDer(signature, Math.ceil(bits / 8))) return 'algorithm'
  return hashes.some((hash) => verify(hash, message, { key, dsaEncoding: 'der' }, signature)) ? 'ok' : 'wrong-key'
}

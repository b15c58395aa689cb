import { EvidenceError } from './evidence.ts'

/**
 * Decodes base64 in the one form that every decoder reads alike: standard alphabet, padded, no blanks, no spare bits
 * (RFC 4648 sections 3.5 and 4). Throws EvidenceError with what `noun` names.
 */
export function decodeBase64(text: string, noun: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) {
    throw new EvidenceError('malformed', `${noun} is not base64 in its standard form with padding`)
  }
  return bytes
}

import { type JsonObject, type RecordShape, recordShape } from '@breakwater/oci'
import { decodeBase64 } from './base64.ts'
import { asArray, asEncoded, asObject, malformed, parseDocument, refuseAliases } from './document.ts'
import type { Attestation } from './evidence.ts'
import { maxEnvelopeSignatures, maxSignatureBytes } from './limits.ts'
import { readStatement, type Statement } from './statement.ts'

const statementType = 'application/vnd.in-toto+json'
const known = ['payload', 'payloadType', 'signatures']

/** The keys of an envelope (Dead Simple Signing Envelope, envelope.md). */
export const envelopeShape: RecordShape = recordShape(['payload', 'payloadType'], {
  signatures: recordShape(['sig', 'keyid']),
})

/** A statement with the signatures over it. */
export interface Envelope {
  readonly statement: Statement
  readonly signatures: readonly Uint8Array[]
  /** What was signed: the pre-authentication encoding. */
  readonly message: Uint8Array
}

/** Reads the envelope of an in-toto statement with 1 to `most` signatures. `keyid` is not looked at. Throws EvidenceError. */
export function readEnvelope(envelope: JsonObject, most: number, place: string): Envelope {
  refuseAliases(envelope, known, place)
  if (envelope['payloadType'] !== statementType) malformed(`${place}.payloadType`, `must be ${statementType}`)
  const payload = decodeBase64(asEncoded(envelope['payload'], `${place}.payload`), `${place}.payload`)
  const signatures = asArray(envelope['signatures'], `${place}.signatures`, maxEnvelopeSignatures)
  if (signatures.length === 0 || signatures.length > most) {
    malformed(`${place}.signatures`, most === 1 ? 'must be exactly one' : 'must not be empty')
  }
  return {
    statement: readStatement(payload),
    signatures: signatures.map((one, index) => {
      const here = `${place}.signatures[${index}]`
      const object = asObject(one, here)
      refuseAliases(object, ['sig', 'keyid'], here)
      const signature = decodeBase64(asEncoded(object['sig'], `${here}.sig`), `${here}.sig`)
      return signature.length > maxSignatureBytes
        ? malformed(`${here}.sig`, `must decode to at most ${maxSignatureBytes} bytes`)
        : signature
    }),
    message: preAuthenticationEncoding(statementType, payload),
  }
}

/** Reads an attestation in an envelope of its own, as cosign 2 attaches it. Throws EvidenceError. */
export function readEnvelopeLayer(layer: number, bytes: Uint8Array, signer: Attestation['signer']): Attestation {
  const document = parseDocument(bytes, envelopeShape, 'envelope')
  const { statement, signatures, message } = readEnvelope(document, maxEnvelopeSignatures, 'envelope')
  const { predicateType, subjects } = statement
  return { kind: 'attestation', layer, layout: 'dsse-envelope', predicateType, subjects, signer, message, signatures }
}

/** Dead Simple Signing Envelope, protocol.md: PAE. Lengths are bytes in decimal. */
export function preAuthenticationEncoding(type: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

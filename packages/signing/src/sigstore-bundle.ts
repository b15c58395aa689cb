import { type JsonObject, recordShape } from '@breakwater/oci'
import { readAnnotations } from './annotations.ts'
import { asObject, asText, isAbsent, malformed, parseDocument, requireOnly } from './document.ts'
import { type Envelope, envelopeShape, readEnvelope } from './dsse.ts'
import { type Attestation, EvidenceError, type Signature } from './evidence.ts'
import { bundleType, signPredicateType } from './limits.ts'

const members = ['mediaType', 'verificationMaterial', 'dsseEnvelope', 'messageSignature']
const material = ['publicKey', 'certificate', 'x509CertificateChain', 'tlogEntries', 'timestampVerificationData']
const signers = ['publicKey', 'certificate', 'x509CertificateChain']

const shape = recordShape(['mediaType', 'messageSignature'], {
  verificationMaterial: recordShape(
    ['certificate', 'x509CertificateChain', 'tlogEntries', 'timestampVerificationData'],
    {
      publicKey: recordShape(['hint']),
    },
  ),
  dsseEnvelope: envelopeShape,
})

/**
 * Reads a Sigstore bundle v0.3 (protobuf-specs, sigstore_bundle.proto, in its JSON form). Its statement tells what it is:
 * a signature only under the one predicate of `cosign sign`, else an attestation. Log entries and timestamps are not
 * read. Throws EvidenceError.
 */
export function readBundle(layer: number, bytes: Uint8Array): Signature | Attestation {
  const bundle = parseDocument(bytes, shape, 'bundle')
  requireOnly(bundle, members, 'bundle')
  if (bundle['mediaType'] !== bundleType) refuseVersion(bundle)
  if (isAbsent(bundle['dsseEnvelope'])) refuseContent(bundle)
  if (!isAbsent(bundle['messageSignature'])) malformed('bundle', 'must not have two contents')
  const signedBy = readSigner(asObject(bundle['verificationMaterial'], 'verificationMaterial'))
  const envelope = readEnvelope(asObject(bundle['dsseEnvelope'], 'dsseEnvelope'), 1, 'dsseEnvelope')
  const found = { layer, layout: 'sigstore-bundle', ...signedBy, message: envelope.message } as const
  const { predicateType, subjects } = envelope.statement
  if (predicateType === signPredicateType) return { kind: 'signature', ...found, ...readSigned(envelope) }
  return { kind: 'attestation', ...found, predicateType, subjects, signatures: envelope.signatures }
}

/** What `cosign sign` states: one image, and the annotations with it. */
function readSigned({ statement, signatures }: Envelope): Pick<Signature, 'subject' | 'annotations' | 'signature'> {
  const subject = statement.subjects[0]?.digest
  const signature = signatures[0]
  if (statement.subjects.length !== 1) return malformed('statement.subject', 'must be exactly one in a signature')
  if (!subject || !signature) return malformed('statement.subject[0].digest', 'must have sha256')
  return {
    subject,
    annotations: readAnnotations(statement.annotations[0], 'statement.subject[0].annotations'),
    signature,
  }
}

function readSigner(object: JsonObject): Pick<Signature, 'signer' | 'claimedKey'> {
  requireOnly(object, material, 'verificationMaterial')
  const present = signers.filter((key) => !isAbsent(object[key]))
  if (present.length !== 1) malformed('verificationMaterial', `must have exactly one of ${signers.join(', ')}`)
  if (isAbsent(object['publicKey'])) return { signer: 'certificate' }
  const publicKey = asObject(object['publicKey'], 'verificationMaterial.publicKey')
  requireOnly(publicKey, ['hint'], 'verificationMaterial.publicKey')
  const { hint } = publicKey
  if (isAbsent(hint)) return { signer: 'key' }
  // cosign's hint is the hash of the key; other tools write what they like.
  const hash = Buffer.from(asText(hint, 'verificationMaterial.publicKey.hint'), 'base64')
  return { signer: 'key', ...(hash.length === 32 ? { claimedKey: hash.toString('hex') } : {}) }
}

function refuseVersion({ mediaType }: JsonObject): never {
  const text = asText(mediaType, 'bundle.mediaType')
  if (!text.startsWith('application/vnd.dev.sigstore.bundle')) malformed('bundle.mediaType', `must be ${bundleType}`)
  throw new EvidenceError(
    'unsupported',
    `only bundles of type ${bundleType} are read, this one is ${text.slice(0, 64)}`,
  )
}

function refuseContent({ messageSignature }: JsonObject): never {
  if (isAbsent(messageSignature)) malformed('bundle', 'must have dsseEnvelope')
  throw new EvidenceError(
    'unsupported',
    'a bundle with messageSignature signs a file; images are signed with a statement',
  )
}

import { type Digest, type JsonObject, parseDigest, recordShape } from '@breakwater/oci'
import { readAnnotations } from './annotations.ts'
import { decodeBase64 } from './base64.ts'
import { asObject, asText, isAbsent, malformed, parseDocument, requireOnly } from './document.ts'
import type { Signature } from './evidence.ts'
import { maxSignatureBytes } from './limits.ts'

const signatureKey = 'dev.cosignproject.cosign/signature'
const certificateKey = 'dev.sigstore.cosign/certificate'
const payloadType = 'cosign container image signature'

const shape = recordShape([], {
  critical: recordShape(['type'], {
    identity: recordShape(['docker-reference']),
    image: recordShape(['docker-manifest-digest']),
  }),
  optional: 'data',
})

/**
 * Reads a signature in cosign's first form: the layer is a payload after Red Hat's simple signing, its annotation the
 * signature over the payload's very bytes (cosign, SIGNATURE_SPEC.md). Throws EvidenceError.
 */
export function readSimpleSigning(
  layer: number,
  bytes: Uint8Array,
  annotations: Readonly<Record<string, string>>,
): Signature {
  const payload = parseDocument(bytes, shape, 'simple signing payload')
  // containers-signature(5): what is critical and not understood has to be refused. cosign itself skips it.
  requireOnly(payload, ['critical', 'optional'], 'simple signing payload')
  const critical = asObject(payload['critical'], 'critical')
  requireOnly(critical, ['identity', 'image', 'type'], 'critical')
  if (critical['type'] !== payloadType) malformed('critical.type', `must be "${payloadType}"`)
  const reference = readReference(critical)
  return {
    kind: 'signature',
    layer,
    layout: 'simple-signing',
    subject: readDigest(critical),
    ...(reference === '' ? {} : { reference }),
    annotations: readAnnotations(payload['optional'], 'optional'),
    signer: Object.hasOwn(annotations, certificateKey) ? 'certificate' : 'key',
    message: bytes,
    signature: readSignature(annotations),
  }
}

function readDigest(critical: JsonObject): Digest {
  const image = asObject(critical['image'], 'critical.image')
  requireOnly(image, ['docker-manifest-digest'], 'critical.image')
  const digest = parseDigest(asText(image['docker-manifest-digest'], 'critical.image.docker-manifest-digest'))
  return digest ?? malformed('critical.image.docker-manifest-digest', 'must be a digest')
}

function readReference(critical: JsonObject): string {
  const identity = asObject(critical['identity'], 'critical.identity')
  requireOnly(identity, ['docker-reference'], 'critical.identity')
  const reference = identity['docker-reference']
  return isAbsent(reference) ? '' : asText(reference, 'critical.identity.docker-reference')
}

function readSignature(annotations: Readonly<Record<string, string>>): Uint8Array {
  const text = Object.hasOwn(annotations, signatureKey) ? annotations[signatureKey] : undefined
  const place = `annotation ${signatureKey}`
  if (text === undefined || text === '') return malformed('the layer', `must have the ${place}`)
  const signature = decodeBase64(text, place)
  return signature.length > maxSignatureBytes
    ? malformed(place, `must decode to at most ${maxSignatureBytes} bytes`)
    : signature
}

import { type JsonObject, type JsonValue, mediaType, parseDigest, parseStrictJson, recordShape } from '@breakwater/oci'
import { isCoseSign1 } from './cose.ts'
import { type OutlineMember, outlineOf } from './json-outline.ts'
import { beginsAsTar } from './tar-header.ts'

/** Most bytes of a signature or attestation, and of an SBOM (gate.md G1). */
const smallest = 4 << 20
const largest = 64 << 20

type Outline = ReadonlyMap<string, OutlineMember>

/** What a layer of a closed list of media types has to be, as a whole. */
interface DocumentType {
  /** In bytes. */
  readonly limit: number
  readonly holds: (bytes: Buffer) => boolean
}

const json = (holds: (document: JsonObject) => boolean): DocumentType => ({
  limit: smallest,
  holds: (bytes) => {
    const document = parseObject(bytes)
    return document !== undefined && holds(document)
  },
})

const text = (beginning: string, limit: number): DocumentType => ({
  limit,
  holds: (bytes) => textOf(bytes)?.startsWith(beginning) === true,
})

/** What signs a Helm chart, as a layer beside it. */
export const provenanceType = 'application/vnd.cncf.helm.chart.provenance.v1.prov'

/** By its outline alone: such documents can be too large to be built up in memory. */
const outlined = (holds: (outline: Outline) => boolean): DocumentType => ({
  limit: largest,
  holds: (bytes) => {
    const outline = outlineOf(bytes)
    return outline !== undefined && holds(outline)
  },
})

const bundle = json(isSigstoreBundle)
const sbom = outlined(isSbom)
const statement = outlined(isStatement)
const envelope = json(isDsse)

const types: Readonly<Record<string, DocumentType>> = {
  'application/vnd.dev.cosign.simplesigning.v1+json': json(isSimpleSigning),
  'application/vnd.dsse.envelope.v1+json': envelope,
  // An SBOM comes as a statement too; and a statement, signed, in an envelope.
  'application/vnd.in-toto+json': {
    limit: largest,
    holds: (bytes) => statement.holds(bytes) || (bytes.length <= smallest && envelope.holds(bytes)),
  },
  'application/vnd.dev.sigstore.bundle.v0.3+json': bundle,
  'application/vnd.dev.sigstore.bundle+json;version=0.1': bundle,
  'application/vnd.dev.sigstore.bundle+json;version=0.2': bundle,
  'application/vnd.dev.sigstore.bundle+json;version=0.3': bundle,
  'application/jose+json': json(isJws),
  'application/cose': { limit: smallest, holds: isCoseSign1 },
  'application/spdx+json': sbom,
  'text/spdx+json': sbom,
  'application/vnd.cyclonedx+json': sbom,
  'application/vnd.syft+json': sbom,
  'application/vnd.goharbor.harbor.sbom.v1': sbom,
  'text/spdx': text('SPDXVersion: SPDX-', largest),
  [provenanceType]: text('-----BEGIN PGP SIGNED MESSAGE-----', smallest),
  // Of an artifact that has only annotations (image-spec, guidance for an empty descriptor).
  [mediaType.ociEmpty]: { limit: 2, holds: (bytes) => bytes.toString('latin1') === '{}' },
}

/** Bytes that a document of this media type may have; undefined where a layer of the type is no evidence. */
export function documentLimit(mediaType: string): number | undefined {
  return Object.hasOwn(types, mediaType) ? types[mediaType]?.limit : undefined
}

/**
 * Whether the bytes are wholly what the media type says, and nothing that an engine could unpack: a text can be made that
 * is a tar archive as well.
 */
export function isDocument(mediaType: string, bytes: Buffer): boolean {
  const type = Object.hasOwn(types, mediaType) ? types[mediaType] : undefined
  return type !== undefined && bytes.length <= type.limit && !beginsAsTar(bytes) && type.holds(bytes)
}

/**
 * Whether a config can belong to evidence: nothing at all, or an object that says nothing about what to run. Engines
 * find the program to run in the member `config`.
 */
export function isIdleConfig(bytes: Buffer): boolean {
  if (bytes.length === 0) return true
  const document = parseObject(bytes)
  if (!document) return false
  const { config } = document
  return config === undefined || config === null || (isObject(config) && Object.keys(config).length === 0)
}

const shape = recordShape(['payload', 'payloadType', 'signatures', 'critical'], { optional: 'data' })

function parseObject(bytes: Buffer): JsonObject | undefined {
  try {
    const value = parseStrictJson(bytes, { maxBytes: smallest, shape, noun: 'document' })
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Red Hat's simple signing, as cosign writes it. */
function isSimpleSigning({ critical, optional }: JsonObject): boolean {
  if (!isObject(critical) || !isText(critical['type'])) return false
  const { identity, image } = critical
  const digest = isObject(image) ? image['docker-manifest-digest'] : undefined
  const named = isText(digest) && parseDigest(digest) !== undefined
  return isObject(identity) && named && (optional === undefined || optional === null || isObject(optional))
}

/** Dead Simple Signing Envelope, protocol.md. */
function isDsse({ payloadType, payload, signatures }: JsonObject): boolean {
  if (!isText(payloadType) || !isBase64(payload) || !isList(signatures) || signatures.length === 0) return false
  return signatures.every((signature) => isObject(signature) && isBase64(signature['sig']))
}

/** in-toto attestation framework, statement. */
function isStatement(outline: Outline): boolean {
  const predicate = outline.get('predicate') ?? 'object'
  if (!/^https:\/\/in-toto\.io\/Statement\/v[\d.]+$/.test(textIn(outline, '_type'))) return false
  return outline.get('subject') === 'array' && textIn(outline, 'predicateType') !== '' && predicate === 'object'
}

function isSigstoreBundle(document: JsonObject): boolean {
  const { mediaType, verificationMaterial, messageSignature, dsseEnvelope } = document
  if (!isText(mediaType) || !mediaType.startsWith('application/vnd.dev.sigstore.bundle')) return false
  if (!isObject(verificationMaterial)) return false
  if (isObject(dsseEnvelope)) return messageSignature === undefined && isDsse(dsseEnvelope)
  return isObject(messageSignature) && isBase64(messageSignature['signature'])
}

/** RFC 7515 section 7.2.2, the flattened form, in which Notation writes signatures. */
function isJws({ payload, protected: header, signature }: JsonObject): boolean {
  return [payload, header, signature].every((part) => isText(part) && /^[\w-]+$/.test(part))
}

function isSbom(outline: Outline): boolean {
  if (textIn(outline, 'spdxVersion') !== '') return textIn(outline, 'spdxVersion').startsWith('SPDX-')
  if (textIn(outline, 'bomFormat') === 'CycloneDX') return textIn(outline, 'specVersion') !== ''
  if (outline.get('artifacts') === 'array') return outline.get('schema') === 'object'
  // SPDX 3 is JSON-LD.
  return textIn(outline, '@context').startsWith('https://spdx.org/rdf/3') && outline.get('@graph') === 'array'
}

function textIn(outline: Outline, key: string): string {
  const member = outline.get(key)
  return typeof member === 'object' ? member.text : ''
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a text must not hold
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

/** A text of printable lines; undefined where it is none. */
function textOf(bytes: Buffer): string | undefined {
  try {
    const text = utf8.decode(bytes)
    return control.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string'
}

function isBase64(value: JsonValue | undefined): boolean {
  return isText(value) && value.length % 4 === 0 && /^[\w+/-]*={0,2}$/.test(value)
}

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type Digest, digestOf, hexOf, mediaType } from '@breakwater/oci'
import { preAuthenticationEncoding } from './dsse.ts'
import { bundleType, envelopeType, signPredicateType, simpleSigningType } from './limits.ts'

/** For tests only: evidence as cosign 2 and 3 write it, signed with keys made on the spot. */
export type FixtureKeyKind = 'p256' | 'p384' | 'p521' | 'rsa2048' | 'rsa3072' | 'rsa4096'

export interface FixtureKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public key as SubjectPublicKeyInfo. */
  readonly pem: string
  /** What cosign hashes with when it signs with such a key from a file. */
  readonly hash: string
}

export interface FixtureLayer {
  readonly mediaType: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

/** What to push: the blobs, then the manifest, by tag where cosign gives it one. */
export interface FixtureManifest {
  readonly bytes: Buffer
  readonly mediaType: string
  readonly digest: Digest
  readonly tag?: string
  readonly blobs: ReadonlyMap<Digest, Buffer>
}

const curves = { p256: ['P-256', 'sha256'], p384: ['P-384', 'sha384'], p521: ['P-521', 'sha512'] } as const
const moduli = { rsa2048: 2048, rsa3072: 3072, rsa4096: 4096 } as const

/** A new key pair. RSA takes up to some seconds. */
export function fixtureKey(kind: FixtureKeyKind): FixtureKey {
  if (kind === 'p256' || kind === 'p384' || kind === 'p521') {
    const [namedCurve, hash] = curves[kind]
    return keyOf(generateKeyPairSync('ec', { namedCurve }), hash)
  }
  return keyOf(generateKeyPairSync('rsa', { modulusLength: moduli[kind] }), 'sha256')
}

function keyOf({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }, hash: string): FixtureKey {
  return { privateKey, publicKey, pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(), hash }
}

export interface SimpleSigningOptions {
  readonly digest: Digest
  readonly key: FixtureKey
  /** `docker-reference`: the repository, as cosign 2 signs it. */
  readonly reference?: string
  readonly annotations?: Readonly<Record<string, unknown>>
}

/** The layer that `cosign sign` of version 2 adds. */
export function simpleSigning({ digest, key, reference = '', annotations }: SimpleSigningOptions): FixtureLayer {
  const critical = {
    identity: { 'docker-reference': reference },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  }
  return simpleSigningOf(Buffer.from(JSON.stringify({ critical, optional: annotations ?? null })), key)
}

/** Any payload at all, signed. */
export function simpleSigningOf(bytes: Buffer, key: FixtureKey): FixtureLayer {
  const signature = sign(key.hash, bytes, key.privateKey).toString('base64')
  return { mediaType: simpleSigningType, annotations: { 'dev.cosignproject.cosign/signature': signature }, bytes }
}

export interface StatementOptions {
  readonly digest: Digest
  readonly key: FixtureKey
  /** What the statement says; that of a signature unless given. */
  readonly predicateType?: string
  readonly predicate?: object
  /** Signed along with the subject, as cosign 3 does it. */
  readonly annotations?: Readonly<Record<string, unknown>>
}

/** The in-toto statement that cosign 3 signs. */
export function statement({ digest, predicateType, predicate = {}, annotations = {} }: StatementOptions): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hexOf(digest) }, annotations }],
    predicateType: predicateType ?? signPredicateType,
    predicate,
  }
}

/** A statement, or any other document, in a signed envelope. */
export function envelope(document: object, key: FixtureKey, payloadType = 'application/vnd.in-toto+json') {
  const payload = Buffer.from(JSON.stringify(document))
  const signature = sign(key.hash, preAuthenticationEncoding(payloadType, payload), key.privateKey)
  return { payload: payload.toString('base64'), payloadType, signatures: [{ sig: signature.toString('base64') }] }
}

/** The bundle around an envelope, with the hint that cosign gives. */
export function bundle(dsseEnvelope: object, key: FixtureKey): FixtureLayer {
  const spki = key.publicKey.export({ format: 'der', type: 'spki' })
  const hint = createHash('sha256').update(spki).digest('base64')
  const document = { mediaType: bundleType, verificationMaterial: { publicKey: { hint } }, dsseEnvelope }
  return { mediaType: bundleType, bytes: Buffer.from(JSON.stringify(document)) }
}

/** What `cosign sign` of version 3 attaches; what `cosign attest` does with another predicate type. */
export function signedBundle(options: StatementOptions): FixtureLayer {
  return bundle(envelope(statement(options), options.key), options.key)
}

/** The layer that `cosign attest` of version 2 adds. */
export function attestation(options: StatementOptions & { readonly predicateType: string }): FixtureLayer {
  const bytes = Buffer.from(JSON.stringify(envelope(statement(options), options.key)))
  const annotations = { 'dev.cosignproject.cosign/signature': '', predicateType: options.predicateType }
  return { mediaType: envelopeType, annotations, bytes }
}

/** cosign 2: the manifest under the tag `sha256-<hex>.sig`, or `.att` for attestations. */
export function cosignTagManifest(subject: Digest, layers: readonly FixtureLayer[], suffix = 'sig'): FixtureManifest {
  const tag = `${subject.replace(':', '-')}.${suffix}`
  return { ...manifestOf(config(mediaType.ociConfig, layers), layers, {}), tag }
}

/** What evidence is attached to. */
export interface FixtureSubject {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
}

const cosignArtifact = 'application/vnd.dev.cosign.artifact.sig.v1+json'

/** cosign 2 with `--registry-referrers-mode=oci-1-1`. */
export function cosignReferrerManifest(subject: FixtureSubject, layers: readonly FixtureLayer[]): FixtureManifest {
  return manifestOf(config(cosignArtifact, layers), layers, { subject, artifactType: cosignArtifact })
}

/** cosign 3, and cosign 2 with `--new-bundle-format`. */
export function bundleManifest(subject: FixtureSubject, layer: FixtureLayer): FixtureManifest {
  const empty = { mediaType: mediaType.ociEmpty, artifactType: bundleType, bytes: Buffer.from('{}') }
  const annotations = { 'dev.sigstore.bundle.content': 'dsse-envelope' }
  return manifestOf(empty, [layer], { annotations, subject, artifactType: bundleType })
}

/** cosign 2 writes the config of an image that has the payloads as its layers. */
function config(type: string, layers: readonly FixtureLayer[]): FixtureLayer {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ bytes }) => digestOf(bytes)) }
  return { mediaType: type, bytes: Buffer.from(JSON.stringify({ architecture: '', os: '', rootfs, config: {} })) }
}

function manifestOf(configLayer: FixtureLayer, layers: readonly FixtureLayer[], rest: object): FixtureManifest {
  const type = mediaType.ociManifest
  const described = [configLayer, ...layers].map(({ bytes, ...layer }) => {
    return { ...layer, size: bytes.length, digest: digestOf(bytes) }
  })
  const [first, ...others] = described
  const document = { schemaVersion: 2, mediaType: type, config: first, layers: others, ...rest }
  const bytes = Buffer.from(JSON.stringify(document))
  const blobs = new Map([configLayer, ...layers].map((layer) => [digestOf(layer.bytes), layer.bytes]))
  return { bytes, mediaType: type, digest: digestOf(bytes), blobs }
}

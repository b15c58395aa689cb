import { generateKeyPairSync, sign } from 'node:crypto'
import type { Attached, Image, Layer } from './registry.ts'

/** What cosign wrote in one layout; everything that is tried is made of it. */
export interface Written {
  /** By the pinned key, of the image. */
  readonly real: Attached
  /** By another key, of the image. */
  readonly foreign: Attached
  /** By the pinned key, of another image. */
  readonly elsewhere: Attached
  /** A bundle of cosign 3 by another key, of the image. */
  readonly foreignBundle: Attached
  readonly image: Image
}

/** What is done to it: what is pushed, in this order. */
export const changes = {
  good: ({ real }) => [real],
  'wrong key': ({ foreign }) => [foreign],
  'other digest': ({ elsewhere, image }) => [moved(elsewhere, image)],
  // The signature of another image, its payload made to name this one.
  'tampered payload': ({ elsewhere, real, image }) => [
    withLayer(moved(elsewhere, image), (layer) => withPayload(layer, payloadOf(only(real.layers)))),
  ],
  'tampered signature': ({ real }) => [withLayer(real, flipSignature)],
  'tampered envelope': ({ real }) => [withLayer(real, retypeEnvelope)],
  truncated: ({ real }) => [withLayer(real, (layer) => ({ ...layer, bytes: layer.bytes.subarray(0, -20) }))],
  duplicate: ({ real }) => together(real, [only(real.layers), only(real.layers)]),
  '1,000 signatures': ({ real }) => together(real, [...signedByStrangers(only(real.layers), 999), only(real.layers)]),
  'foreign bundle beside it': ({ real, foreignBundle }) => [foreignBundle, real],
  'key past its valid-until': ({ real }) => [real],
  'signed before its valid-until': ({ real }) => [real],
} as const satisfies Record<string, (written: Written) => readonly Attached[]>
export type Change = keyof typeof changes

/** Hangs evidence on an image. */
function moved({ tag, manifest, ...content }: Attached, { digest, descriptor }: Image): Attached {
  if (tag === undefined) return { ...content, manifest: { ...manifest, subject: descriptor } }
  return { ...content, manifest, tag: tag.replace(/^sha256-[0-9a-f]+/, digest.replace(':', '-')) }
}

/** More signatures: cosign adds a layer under its tag, and a manifest of its own where it names the subject. */
function together(attached: Attached, layers: readonly Layer[]): Attached[] {
  if (attached.tag !== undefined) return [{ ...attached, layers }]
  return layers.map((layer, index) => ({
    ...attached,
    manifest: { ...attached.manifest, annotations: { ...annotationsOf(attached), 'com.example.number': `${index}` } },
    layers: [layer],
  }))
}

function annotationsOf({ manifest }: Attached): object {
  return (manifest['annotations'] ?? {}) as object
}

function withLayer(attached: Attached, change: (layer: Layer) => Layer): Attached {
  return { ...attached, layers: [change(only(attached.layers))] }
}

const signatureKey = 'dev.cosignproject.cosign/signature'
interface Envelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly [{ readonly sig: string }]
}

/** The envelope of a bundle or of an attestation of cosign 2; undefined for a simple signature, which has none. */
function envelopeOf({ mediaType, bytes }: Layer): Envelope | undefined {
  if (mediaType.includes('simplesigning')) return undefined
  const document = JSON.parse(bytes.toString()) as Envelope & { readonly dsseEnvelope?: Envelope }
  return document.dsseEnvelope ?? document
}

function withEnvelope(layer: Layer, changed: Partial<Envelope>): Layer {
  const document = JSON.parse(layer.bytes.toString()) as { readonly dsseEnvelope?: object }
  const { dsseEnvelope } = document
  const whole = dsseEnvelope
    ? { ...document, dsseEnvelope: { ...dsseEnvelope, ...changed } }
    : { ...document, ...changed }
  return { ...layer, bytes: Buffer.from(JSON.stringify(whole)) }
}

function payloadOf(layer: Layer): Buffer {
  const envelope = envelopeOf(layer)
  return envelope ? Buffer.from(envelope.payload, 'base64') : layer.bytes
}

function withPayload(layer: Layer, payload: Buffer): Layer {
  return envelopeOf(layer) ? withEnvelope(layer, { payload: payload.toString('base64') }) : { ...layer, bytes: payload }
}

function signatureOf(layer: Layer): Buffer {
  return Buffer.from(envelopeOf(layer)?.signatures[0].sig ?? layer.annotations[signatureKey] ?? '', 'base64')
}

function withSignature(layer: Layer, signature: Buffer): Layer {
  const envelope = envelopeOf(layer)
  const sig = signature.toString('base64')
  if (envelope) return withEnvelope(layer, { signatures: [{ ...envelope.signatures[0], sig }] })
  return { ...layer, annotations: { ...layer.annotations, [signatureKey]: sig } }
}

/** Another number in the same form. */
function flipSignature(layer: Layer): Layer {
  const signature = signatureOf(layer)
  signature.writeUInt8(signature.readUInt8(20) ^ 1, 20)
  return withSignature(layer, signature)
}

function retypeEnvelope(layer: Layer): Layer {
  if (!envelopeOf(layer)) throw new Error(`${layer.mediaType} has no envelope`)
  return withEnvelope(layer, { payloadType: 'application/json' })
}

/** The same payload by another key, each time another signature. */
function signedByStrangers(layer: Layer, count: number): Layer[] {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const envelope = envelopeOf(layer)
  const payload = payloadOf(layer)
  const head = envelope && `DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `
  const message = head ? Buffer.concat([Buffer.from(head), payload]) : payload
  return Array.from({ length: count }, () => withSignature(layer, sign('sha256', message, privateKey)))
}

function only<T>([first, ...rest]: readonly T[]): T {
  if (first === undefined || rest.length > 0) throw new Error(`expected one, found ${rest.length + (first ? 1 : 0)}`)
  return first
}

import {
  type Digest,
  digestFromHex,
  effectiveArtifactType,
  isImageConfigType,
  type Manifest,
  mediaType,
} from '@breakwater/oci'

/** The kinds of artifact that have a name of their own; the rest is named by the type of its config. */
const named: Readonly<Record<string, string>> = {
  'application/vnd.cncf.helm.config.v1+json': 'CHART',
  'application/vnd.cncf.model.config.v1+json': 'CNAI',
  'application/vnd.cncf.model.manifest.v1+json': 'CNAI',
  'application/vnd.wasm.config.v1+json': 'WASM',
  'application/vnd.wasm.config.v0+json': 'WASM',
  'application/vnd.goharbor.harbor.sbom.v1': 'SBOM',
}
const cnab = 'application/vnd.cnab.manifest.v1'
const byConfig = /^application\/vnd\.[^.]*\.(.*)\.config\.[^.]*\+json$/

/** What Harbor calls the type of an artifact: IMAGE, CHART, …, or UNKNOWN. */
export function kindOf(manifest: Manifest): string {
  const { annotations = {} } = manifest
  if (manifest.kind === 'index') {
    return annotations['org.opencontainers.artifactType'] === cnab ? 'CNAB' : 'IMAGE'
  }
  const config = manifest.config.mediaType
  if (isImageConfigType(config)) return Object.hasOwn(annotations, 'module.wasm.image/variant') ? 'WASM' : 'IMAGE'
  // The empty config says nothing, the artifact type then does.
  const type = config === mediaType.ociEmpty ? (manifest.artifactType ?? config) : config
  const name = Object.hasOwn(named, type) ? named[type] : undefined
  return name ?? byConfig.exec(type)?.[1]?.toUpperCase() ?? 'UNKNOWN'
}

/** Harbor's types of accessories, by the artifact type that tells them. */
const accessories: Readonly<Record<string, string>> = {
  'application/vnd.dev.cosign.artifact.sig.v1+json': 'signature.cosign',
  'application/vnd.dev.sigstore.bundle.v0.3+json': 'signature.cosign',
  'application/vnd.cncf.notary.signature': 'signature.notation',
  'application/vnd.goharbor.harbor.sbom.v1': 'sbom.harbor',
}
const signatureLayer = 'application/vnd.dev.cosign.simplesigning.v1+json'
const signatureTag = /^sha256-([a-f0-9]{64})\.sig$/

/** What an artifact belongs to, and as what. */
export interface Belonging {
  readonly subject: Digest
  readonly type: string
}

/** Told by the manifest's subject, or by the tag under which cosign 2 puts a signature; both may tell. */
export function belongingsOf(manifest: Manifest, tag: string | undefined): Belonging[] {
  const { subject } = manifest
  const type = effectiveArtifactType(manifest) ?? ''
  const signed = signedByTag(manifest, tag)
  const known = Object.hasOwn(accessories, type) ? accessories[type] : undefined
  return [
    ...(signed ? [{ subject: signed, type: 'signature.cosign' }] : []),
    ...(subject ? [{ subject: subject.digest, type: known ?? 'subject.accessory' }] : []),
  ]
}

function signedByTag(manifest: Manifest, tag: string | undefined): Digest | undefined {
  const hex = signatureTag.exec(tag ?? '')?.[1]
  if (!hex || manifest.kind === 'index') return undefined
  const signs = manifest.layers.some((layer) => layer.mediaType === signatureLayer)
  return signs ? digestFromHex('sha256', hex) : undefined
}

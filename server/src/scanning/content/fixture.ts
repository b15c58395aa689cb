const digest = `sha256:${'0'.repeat(64)}`

const json = (kind: string, mediaType: string, document: object) => ({
  kind,
  mediaType,
  bytes: Buffer.from(JSON.stringify(document)),
})

const envelope = { payloadType: 'application/vnd.in-toto+json', payload: 'e30=', signatures: [{ sig: 'AAAA' }] }
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ digest: { sha256: '0' } }],
  predicateType: 'https://example.com/x',
}
const bundle = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {},
  dsseEnvelope: envelope,
}
/** COSE_Sign1 of an empty payload: tag 18, [h'', {}, h'', h'00']. */
const cose = Buffer.from('d28440a0404100', 'hex')

/** One small document of each type that counts as evidence. */
export const documents: readonly { readonly kind: string; readonly mediaType: string; readonly bytes: Buffer }[] = [
  json('signature', 'application/vnd.dev.cosign.simplesigning.v1+json', {
    critical: { identity: { 'docker-reference': '' }, image: { 'docker-manifest-digest': digest }, type: 'cosign' },
    optional: null,
  }),
  json('attestation', 'application/vnd.dsse.envelope.v1+json', envelope),
  json('attestation', 'application/vnd.in-toto+json', statement),
  json('bundle', 'application/vnd.dev.sigstore.bundle.v0.3+json', bundle),
  json('jws', 'application/jose+json', { payload: 'e30', protected: 'e30', header: {}, signature: 'AA' }),
  { kind: 'cose', mediaType: 'application/cose', bytes: cose },
  json('sbom', 'application/spdx+json', { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' }),
  json('sbom', 'application/vnd.cyclonedx+json', { bomFormat: 'CycloneDX', specVersion: '1.6' }),
  json('sbom', 'application/vnd.syft+json', { artifacts: [], schema: {} }),
  { kind: 'text', mediaType: 'text/spdx', bytes: Buffer.from('SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n') },
]

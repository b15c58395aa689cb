/** A layer with what cosign calls a simple signing payload (cosign, SIGNATURE_SPEC.md). */
export const simpleSigningType = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** A layer with a Sigstore bundle, and what such a bundle calls itself. */
export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** A layer with a signed statement (Dead Simple Signing Envelope), as cosign 2 attaches attestations. */
export const envelopeType = 'application/vnd.dsse.envelope.v1+json'

/** The predicate that says no more than: this image is signed. Every other one attests something else. */
export const signPredicateType = 'https://sigstore.dev/cosign/sign/v1'

/** Most bytes of one layer of evidence (gate.md G1). */
export const maxLayerBytes = 4 * 1024 * 1024

/** Most bytes of all layers of evidence in one manifest together. */
export const maxEvidenceBytes = 32 * 1024 * 1024

/**
 * Most layers of evidence in one manifest. cosign 2 adds a layer for each further signer, so that a manifest with more
 * has been made to cost time; it counts for nothing as a whole, because a part of it would depend on the order.
 */
export const maxEvidenceLayers = 256

/** Most subjects of one statement. */
export const maxSubjects = 1024

/** Most signatures over one statement in an envelope of its own; a bundle has exactly one. */
export const maxEnvelopeSignatures = 16

/** Most annotations that a signer may sign along. */
export const maxAnnotations = 256

/** Longest name, type, reference or annotation in characters. */
export const maxTextLength = 4096

/** Most bytes of one signature: what an RSA key of 8,192 bits makes. */
export const maxSignatureBytes = 1024

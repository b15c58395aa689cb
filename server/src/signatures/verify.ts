import { setImmediate } from 'node:timers/promises'
import type { Digest, Manifest } from '@breakwater/oci'
import { type PublicKey, type Verification, verifyAttestation, verifyEvidence } from '@breakwater/signing'
import type { Entry, EvidenceDocument, Result } from './evidence-queries.ts'
import { type Blobs, type ReadEvidence, readEvidence } from './read.ts'

/** What a manifest holds, without the bytes, and what the keys say of it. */
export interface Verified {
  readonly entries: readonly Entry[]
  readonly results: readonly Result[]
}

/** Reads the evidence in a manifest and verifies it with each key, at what it names itself. Throws what the store throws. */
export async function verifyManifest(
  store: Blobs,
  digest: Digest,
  manifest: Manifest,
  keys: readonly PublicKey[],
): Promise<Verified> {
  const entries: Entry[] = []
  const results: Result[] = []
  const attachedTo = manifest.subject?.digest
  for await (const evidence of readEvidence(store, digest, manifest)) {
    for (const key of keys) {
      const { code, detail } = verify(evidence, key, attachedTo)
      results.push({ entry: entries.length, fingerprint: key.fingerprint, code, detail })
    }
    entries.push(entryOf(evidence))
    // Many keys and many signatures are seconds of work; others are served meanwhile.
    await setImmediate()
  }
  return { entries, results }
}

/**
 * Whether a signature is of the artifact that it is attached to is decided where that is known. An attestation may be about
 * many, and so is held against what its manifest names.
 */
function verify(evidence: ReadEvidence, key: PublicKey, attachedTo: Digest | undefined): Verification {
  switch (evidence.kind) {
    case 'unreadable':
      return evidence
    case 'signature':
      return verifyEvidence(evidence, key, evidence.subject)
    case 'attestation': {
      const subject = attachedTo ?? evidence.subjects.find(({ digest }) => digest)?.digest
      return subject ? verifyAttestation(evidence, key, subject) : { code: 'other-digest' }
    }
  }
}

function entryOf(evidence: ReadEvidence): Entry {
  const { identity, kind, layout } = evidence
  const entry = { identity, kind, layout, subject: undefined }
  if (kind === 'unreadable') {
    return { ...entry, document: { code: evidence.code, detail: evidence.detail.slice(0, 500) } }
  }
  const signer = signerOf(evidence)
  if (kind === 'attestation') return { ...entry, document: { ...signer, predicateType: evidence.predicateType } }
  const { annotations, reference, subject } = evidence
  return { ...entry, subject, document: { ...signer, annotations, ...(reference === undefined ? {} : { reference }) } }
}

function signerOf({ signer, claimedKey }: Exclude<ReadEvidence, { kind: 'unreadable' }>): EvidenceDocument {
  return { signer, ...(claimedKey === undefined ? {} : { claimedKey }) }
}

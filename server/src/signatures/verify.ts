import { type PublicKey, type Verification, verifyAttestation, verifyEvidence } from '@breakwater/signing'
import type { Result } from './evidence-queries.ts'
import type { ReadEvidence } from './read.ts'

/** What each key says of each piece of evidence in a manifest, taken at what it names itself. */
export function verifyAll(evidence: readonly ReadEvidence[], keys: readonly PublicKey[]): Result[] {
  return evidence.flatMap((one, entry) =>
    keys.map((key) => {
      const { code, detail } = verify(one, key)
      return { entry, fingerprint: key.fingerprint, code, detail }
    }),
  )
}

/** Whether it is about the artifact that it is attached to is decided where that is known. */
function verify(evidence: ReadEvidence, key: PublicKey): Verification {
  switch (evidence.kind) {
    case 'unreadable':
      return evidence
    case 'signature':
      return verifyEvidence(evidence, key, evidence.subject)
    case 'attestation': {
      const subject = evidence.subjects.find(({ digest }) => digest)?.digest
      return subject ? verifyAttestation(evidence, key, subject) : { code: 'other-digest' }
    }
  }
}

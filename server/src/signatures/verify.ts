import { setImmediate } from 'node:timers/promises'
import { type PublicKey, type Verification, verifyAttestation, verifyEvidence } from '@breakwater/signing'
import type { Result } from './evidence-queries.ts'
import type { ReadEvidence } from './read.ts'

/** What each key says of each piece of evidence in a manifest, taken at what it names itself. */
export async function verifyAll(evidence: readonly ReadEvidence[], keys: readonly PublicKey[]): Promise<Result[]> {
  const results: Result[] = []
  for (const [entry, one] of evidence.entries()) {
    for (const key of keys) {
      const { code, detail } = verify(one, key)
      results.push({ entry, fingerprint: key.fingerprint, code, detail })
    }
    // Many keys and many signatures are seconds of work; others are served meanwhile.
    await setImmediate()
  }
  return results
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

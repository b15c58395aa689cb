import { type Digest, RegistryError } from '@breakwater/oci'
import type { Reason, Verdict } from './verdict.ts'

/** The status of a refusal: 403 is what clients show; 412 is Harbor's. */
export type RefusalStatus = 403 | 412

/** Harbor's code, for whoever looks for it. */
const harborCode = 'PROJECTPOLICYVIOLATION'

/** A verdict as an answer: its first sentence, and all of its reasons in the detail. The ids are for `breakwater why`. */
export function refusal(status: RefusalStatus, digest: Digest, { reasons }: Pick<Verdict, 'reasons'>): RegistryError {
  const enforced = reasons.filter((reason) => reason.enforced)
  return policyError(status, enforced[0]?.sentence ?? 'refused by policy', digest, enforced)
}

export function policyError(
  status: RefusalStatus,
  sentence: string,
  digest: Digest,
  reasons: readonly Reason[],
): RegistryError {
  // Clients print the detail behind the sentence: it says nothing twice, and stays short.
  const told = reasons.map(({ code, origin, counts, remedy, sentence: own }) => ({
    code,
    origin,
    ...(counts ? { counts } : {}),
    ...(own === sentence ? {} : { sentence: own }),
    remedy,
  }))
  const detail = { code: harborCode, digest, reasons: told }
  return new RegistryError(status === 412 ? harborCode : 'DENIED', sentence, { detail })
}

/** What the ledger says of it. */
export function codesOf({ reasons }: Pick<Verdict, 'reasons'>): string {
  return [...new Set(reasons.filter(({ enforced }) => enforced).map(({ code }) => code))].join(' ')
}

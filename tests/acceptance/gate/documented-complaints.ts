import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const page = fileURLToPath(new URL('../../../docs/reference/refusals.md', import.meta.url))

/** What a client prints when it pulls an image by an index, and by a manifest alone. */
export interface Complaints {
  readonly index: string
  readonly manifest: string
}

/** What the reference page says that each client prints: rows of three cells in backticks. */
export function documentedComplaints(): ReadonlyMap<string, Complaints> {
  const rows = readFileSync(page, 'utf8').matchAll(/^\| `([^`]+)` *\| `([^`]+)` *\| `([^`]+)` *\|$/gm)
  return new Map([...rows].map(([, client = '', index = '', manifest = '']) => [client, { index, manifest }]))
}

/** The sentence of the registry; skopeo puts it into quotes of its own. */
export const sentence =
  /current image with 1 critical vulnerability cannot be pulled due to configured policy in 'Prevent images with vulnerability severity of \\?"High\\?" or higher from running\.' To continue with pull, please contact your project administrator to exempt matched vulnerabilities through configuring the CVE allowlist\./

/** A complaint without what differs from run to run: addresses, digests, times, progress; and SENTENCE for the sentence. */
export function normalized(complaint: string, host: string): string {
  return complaint
    .replace(sentence, 'SENTENCE')
    .replace(/^\w+: Pulling from \S+ |^Trying to pull \S+ /, '')
    .replaceAll(host, 'HOST')
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'DIGEST')
    .replaceAll(/\d{4}[/-]\d\d[/-]\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, 'TIME')
}

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const page = fileURLToPath(new URL('../../../docs/reference/refusals.md', import.meta.url))

/** What the reference page says that each client prints: rows `| client | printed text |`, the text in backticks. */
export function documentedComplaints(): ReadonlyMap<string, string> {
  const rows = readFileSync(page, 'utf8').matchAll(/^\| `([^`]+)`([^|]*)\| `(.+?)` *\|$/gm)
  return new Map([...rows].map(([, command = '', rest = '', text = '']) => [`${command}${rest.trimEnd()}`, text]))
}

/** A complaint without what differs from run to run: addresses, digests, times and progress. */
export function normalized(complaint: string, host: string): string {
  return complaint
    .replaceAll(host, 'HOST')
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:…')
    .replaceAll(/\d{4}[/-]\d\d[/-]\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, 'TIME')
    .replaceAll(/elapsed: [\d.]+ *m?s/g, 'elapsed: …')
    .replaceAll(/\/tmp\/breakwater-acceptance-\w+/g, 'FOLDER')
}

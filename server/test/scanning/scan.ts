import { type Digest, digestToBytes } from '@breakwater/oci'
import type { TestRegistry } from '../registry.ts'

export interface ScanRow {
  readonly state: string
  readonly class: string | null
  readonly failure: string | null
  readonly revision: number
}

/** The scan of a manifest once it has ended. */
export async function scanOf(registry: TestRegistry, digest: Digest): Promise<ScanRow> {
  for (let wait = 0; wait < 1_000; wait += 1) {
    const [row] = await registry.query<ScanRow>(
      'select state, class, failure, revision::int from scan where digest = $1',
      [digestToBytes(digest)],
    )
    if (row && row.state !== 'pending' && row.state !== 'running') return row
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`no end of the scan of ${digest}`)
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Breakwater } from '../../../bench/lib/breakwater.ts'
import type { WireProxy } from '../../../server/test/wire-proxy.ts'

/** Something that breaks for a while beside a running server. */
export interface Outage {
  readonly system: Breakwater
  begin(): Promise<void> | void
  end(): Promise<void> | void
}

export interface OutageKind {
  readonly name: string
  /** Why this machine can't have it: a missing right or program. */
  readonly missing?: () => string | undefined
  /** Starts what is needed, all of which goes with `opened`. */
  readonly open: (opened: AsyncDisposableStack) => Promise<Outage>
}

export function temporaryFolder(opened: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-outage-'))
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Of what a server reaches through `proxy`. */
export const proxied = (system: Breakwater, proxy: WireProxy, how: 'cut' | 'hold'): Outage => ({
  system,
  begin: () => proxy[how](),
  end: () => proxy.restore(),
})

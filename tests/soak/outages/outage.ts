import type { Breakwater } from '../../../bench/lib/breakwater.ts'

/** Something that breaks for a while beside a running server. */
export interface Outage extends AsyncDisposable {
  readonly name: string
  readonly system: Breakwater
  begin(): Promise<void> | void
  end(): Promise<void> | void
}

/** Undefined where this machine can't have the outage, with the reason. */
export interface OutageKind {
  readonly name: string
  /** Why it can't be had here: a missing right or program. */
  readonly missing: () => string | undefined
  readonly open: () => Promise<Outage>
}

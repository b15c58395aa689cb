import type { Case } from './comparison.ts'
import type { System, SystemName } from './system.ts'

/** How much of everything; `--quick` shrinks it. Sizes in bytes, times in seconds. */
export interface Settings {
  readonly rounds: number
  /** Of each small-request measurement. */
  readonly seconds: number
  readonly largeBlob: number
  /** GETs of a large blob, PUTs of a large blob and pushes in one measurement. */
  readonly transfers: number
  readonly tags: number
  readonly growth: readonly number[]
  readonly idleSeconds: number
  /** Measure only this system, for profiling one of the two. */
  readonly system?: SystemName
}

/** A named group of cases. `run` starts what it needs, hands over each case as it is prepared, and cleans up. */
export interface Workload {
  readonly name: string
  readonly run: (settings: Settings, measure: (plan: Case) => Promise<void>) => Promise<void>
}

/** A started system under the label that its column gets. */
export interface Labelled {
  readonly label: string
  readonly system: System
}

export interface Field extends AsyncDisposable {
  readonly systems: readonly Labelled[]
}

/** Starts systems one after another, leaving out what the settings do not ask for; disposes them together. */
export async function startField(
  settings: Settings,
  entries: readonly { readonly label: string; readonly name: SystemName; readonly start: () => Promise<System> }[],
): Promise<Field> {
  const stack = new AsyncDisposableStack()
  try {
    const systems: Labelled[] = []
    for (const { label, name, start } of entries) {
      if (settings.system && settings.system !== name) continue
      systems.push({ label, system: stack.use(await start()) })
    }
    return { systems, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (cause) {
    await stack.disposeAsync()
    throw cause
  }
}

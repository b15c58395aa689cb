/** What a scenario is given to work with. */
export interface Stage {
  /** A fresh folder, removed when the scenario has ended. */
  readonly folder: string
  /** Runs one check and prints its line; a check that throws has failed, and the scenario goes on. */
  readonly check: (name: string, body: () => Promise<void> | void) => Promise<void>
  /** Prints lines that help a reader but are not judged. */
  readonly note: (text: string) => void
  /** Hands over what is to be ended with the scenario, also when it fails or is interrupted; last in, first out. */
  readonly use: <T extends AsyncDisposable>(resource: T) => T
}

/** A story told with one client; its checks build on each other. */
export interface Scenario {
  /** `client/story`, as it is given on the command line. */
  readonly name: string
  /** Programs that have to be installed. */
  readonly tools: readonly string[]
  readonly needsRoot: boolean
  /** Why it cannot be performed in this checkout; undefined where it can. */
  readonly unavailable?: () => string | undefined
  readonly run: (stage: Stage) => Promise<void>
}

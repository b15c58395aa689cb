import type { Db } from '../metadata/index.ts'
import { readSettings } from './queries.ts'
import { defaultSettings, type RuntimeSettings } from './runtime-settings.ts'

export interface Settings {
  /** As they were at most half a second ago. */
  current(): Promise<RuntimeSettings>
  /** To be called after a change, which this process then sees at once. */
  forget(): void
}

/** Milliseconds; nothing has to be told to other processes when it is this short. */
const freshness = 500

export function createSettings(db: Db): Settings {
  let reading: Promise<RuntimeSettings> | undefined
  let readAt = Number.NEGATIVE_INFINITY

  async function read(): Promise<RuntimeSettings> {
    return { ...defaultSettings, ...(await readSettings(db)) }
  }

  return {
    current() {
      if (reading && performance.now() - readAt < freshness) return reading
      readAt = performance.now()
      const now = read()
      reading = now
      now.catch(() => {
        if (reading === now) reading = undefined
      })
      return now
    },
    forget() {
      reading = undefined
    },
  }
}

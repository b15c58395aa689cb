import type { Config } from '../config/index.ts'
import { tryObjectStore } from '../content/index.ts'
import { type Finding, reason } from './finding.ts'

const check = 'store'
const slow = 1_000

/** Whether the object store takes a small object and gives it back. */
export async function checkObjectStore(config: Config): Promise<Finding[]> {
  const { kind } = config.store
  try {
    const tried = await tryObjectStore(config)
    if (!tried) return []
    const message = `${tried.name} takes, gives back and removes a small object in ${tried.took} ms`
    if (tried.took < slow) return [{ check, status: 'ok', message }]
    const remedy = 'Use a store that is nearer: every push waits for several such requests.'
    return [{ check, status: 'warning', message, remedy }]
  } catch (error) {
    const message = `the object store cannot be used: ${reason(error)}`
    const remedy = `Check the settings store.${kind}.*, and that its credentials may list, read, write and delete.`
    return [{ check, status: 'failed', message, remedy }]
  }
}

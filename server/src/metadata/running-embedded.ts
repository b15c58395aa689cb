import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './pool.ts'

/**
 * How to reach the embedded database of another process: PostgreSQL writes the folder of its socket into the fifth
 * line of postmaster.pid. Undefined when no server has written one. `folder` is `<dataDir>/postgres`.
 */
export function runningEmbedded(folder: string): Connection | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const host = lines[4]
  return host ? { host, user: 'breakwater', database: 'breakwater' } : undefined
}

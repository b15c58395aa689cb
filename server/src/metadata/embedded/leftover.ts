import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isServerOf, processStart } from './process-identity.ts'

const fastStopMs = 20_000
const immediateStopMs = 10_000

/**
 * Stops a PostgreSQL server that an earlier, killed process of ours left running on this cluster. Signals go only to
 * a process that is verified to be that server. Throws when it does not stop.
 */
export async function stopLeftover(cluster: string, log: (line: string) => void): Promise<void> {
  const path = join(cluster, 'postmaster.pid')
  const pid = recordedPid(path)
  if (pid === undefined || !isServerOf(pid, cluster)) {
    // PostgreSQL refuses to start on an empty file (power was lost), on a pid that another process has by now, and on
    // a zombie's. Sessions that outlive their server it finds without the file, by their shared memory.
    rmSync(path, { force: true })
    return
  }
  log(`stopping the PostgreSQL server (pid ${pid}) that an earlier run left in ${cluster}`)
  if (await stopped(pid, cluster, 'SIGINT', fastStopMs)) return
  if (await stopped(pid, cluster, 'SIGQUIT', immediateStopMs)) return
  throw new Error(
    `A PostgreSQL server (pid ${pid}) still runs on ${cluster} and does not stop. Stop it by hand (kill -QUIT ${pid}) ` +
      'and start again.',
  )
}

function recordedPid(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

async function stopped(pid: number, cluster: string, signal: NodeJS.Signals, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs
  if (isServerOf(pid, cluster)) process.kill(pid, signal)
  while (processStart(pid) !== undefined) {
    if (Date.now() > deadline) return false
    await wait(20)
  }
  return true
}

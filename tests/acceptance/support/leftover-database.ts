import { globSync, readFileSync } from 'node:fs'
import { until } from './until.ts'

/** Ends the PostgreSQL that a killed server left in its data folder; a server that was asked to stop leaves none. */
export async function stopLeftoverDatabase(dataFolder: string): Promise<void> {
  for (const file of globSync(`${dataFolder}/postgres/**/postmaster.pid`)) {
    const pid = pidIn(file)
    if (pid === undefined || !isDatabaseOf(pid, dataFolder)) continue
    process.kill(pid, 'SIGQUIT')
    await until(`the end of PostgreSQL ${pid}`, 20_000, () => !isDatabaseOf(pid, dataFolder))
  }
}

/** Undefined where the database has ended by itself since the file was seen, as it does soon after its server. */
function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8').split('\n')[0])
  } catch {
    return undefined
  }
}

/** The pid may be another program's by now. */
function isDatabaseOf(pid: number, dataFolder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataFolder)
  } catch {
    return false
  }
}

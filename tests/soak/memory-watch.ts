import type { System } from '../../bench/lib/system.ts'
import { memoryMiB, peakResidentMiB, processMemoryMiB } from '../../bench/lib/usage.ts'

/** The most memory seen, in MiB: the server process alone by two measures, and with its database. */
export interface Peaks {
  readonly serverResidentMiB: number
  readonly serverMiB: number
  readonly withDatabaseMiB: number
}

const everyMs = 250

/** Watches until `work` is through. Resident memory is the kernel's mark since the process began. */
export async function watchMemory<T>(system: System, work: Promise<T>): Promise<{ result: T; peaks: Peaks }> {
  let serverMiB = 0
  let withDatabaseMiB = 0
  const look = (): void => {
    serverMiB = Math.max(serverMiB, processMemoryMiB(system.pid))
    withDatabaseMiB = Math.max(withDatabaseMiB, memoryMiB(system))
  }
  const timer = setInterval(look, everyMs)
  try {
    const result = await work
    look()
    const [server, withDatabase] = [Math.round(serverMiB), Math.round(withDatabaseMiB)]
    const serverResidentMiB = Math.round(peakResidentMiB(system.pid))
    return { result, peaks: { serverResidentMiB, serverMiB: server, withDatabaseMiB: withDatabase } }
  } finally {
    clearInterval(timer)
  }
}

/** Throws when the server's peak is over the bound. */
export function requirePeak(peaks: Peaks, boundMiB: number): void {
  if (peaks.serverResidentMiB > boundMiB) {
    throw new Error(`the server's memory reached ${peaks.serverResidentMiB} MiB; the bound is ${boundMiB}`)
  }
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Address, FromLoad, Job, LoadResult } from '../load/job.ts'
import type { Target } from './http-client.ts'
import { cpuMilliseconds, type Measured } from './usage.ts'

const program = fileURLToPath(new URL('../load/main.ts', import.meta.url))
/** Work that is put off (batched rows, write-behind) belongs to the load that caused it. */
export const settleMs = 1200

export interface LoadMeasure extends LoadResult {
  /** CPU milliseconds of the server and its database from before the first request until the work has settled. */
  readonly cpuMs: number
}

/** Runs a job in a process of its own and reads the system's CPU before and after. Throws what the job failed with. */
export async function measureLoad(system: Measured, job: Job): Promise<LoadMeasure> {
  const child = fork(program, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const answer = (): Promise<FromLoad> =>
    Promise.race([
      once(child, 'message').then(([message]) => message as FromLoad),
      exited.then(([code]): FromLoad => ({ kind: 'failed', message: `the load process ended with ${code}` })),
    ])
  try {
    const prepared = answer()
    child.send(job)
    const readiness = await prepared
    if (readiness.kind === 'failed') throw new Error(readiness.message)
    const before = cpuMilliseconds(system)
    const finished = answer()
    child.send('go')
    const outcome = await finished
    if (outcome.kind !== 'done') throw new Error(outcome.kind === 'failed' ? outcome.message : 'ready came twice')
    await sleep(settleMs)
    return { ...outcome.result, cpuMs: cpuMilliseconds(system) - before }
  } finally {
    child.kill()
    await exited
  }
}

/** Where load for a system goes: to it, and to its replicas. */
export function targetsOf(system: Target & Measured): Target[] {
  return [system, ...(system.replicas ?? [])].map(({ origin, ca }) => ({ origin, ca }))
}

/** The same, as the load process connects to them. */
export function addressesOf(system: Target & Measured): Address[] {
  return targetsOf(system).map(({ origin, ca }) => {
    const { hostname, port } = new URL(origin)
    return { host: hostname, port: Number(port), ...(ca !== undefined && { ca }) }
  })
}

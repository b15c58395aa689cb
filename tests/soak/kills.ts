import { setTimeout as sleep } from 'node:timers/promises'
import { type Breakwater, startBreakwater } from '../../bench/lib/breakwater.ts'
import { killQuietly } from '../../bench/lib/child.ts'
import { findPostmaster, processTree } from '../../bench/lib/process-tree.ts'
import { ask } from '../../bench/lib/registry-client.ts'
import { makeImage, type PushRecord, push } from './push-record.ts'
import { type Figures, type Scenario, scaled } from './scenario.ts'
import { requireLedgered, verifyPush } from './verify.ts'

const repository = 'library/killed'
const pushersAtOnce = 3
/** The kill falls anywhere into the pushes: three of them take about this long. */
const longestDelayMs = 400
const recoveryMs = 30_000

/** Ends something of the system by kill -9. */
type Kill = (system: Breakwater) => void

/** Waits until pushes are taken again; starts a server that has ended, and says whether it had to. */
async function untilServing(system: Breakwater): Promise<boolean> {
  const deadline = Date.now() + recoveryMs
  let started = false
  for (;;) {
    if (system.hasExited()) {
      started = true
      await system.restart()
    }
    const request = { method: 'POST', path: `/v2/${repository}/blobs/uploads/` }
    const failure = await ask(system, repository, 202, request).then(
      () => undefined,
      (cause: unknown) => cause,
    )
    if (failure === undefined) return started
    if (Date.now() > deadline) throw new Error(`not serving ${recoveryMs / 1000} s after a kill`, { cause: failure })
    await sleep(50)
  }
}

/** Pushers that go on until something breaks; each begins a new image when the last one is through. */
async function pushUntilBroken(system: Breakwater, round: number, records: PushRecord[]): Promise<void> {
  const broken = Array.from({ length: pushersAtOnce }, async (_, pusher) => {
    for (let count = 0; count < 50; count++) {
      const tag = `r${round}-${pusher}-${count}`
      await push(system, makeImage(repository, tag, `${repository}:${tag}`), records)
    }
  })
  await Promise.allSettled(broken)
}

async function run(kills: number, kill: Kill): Promise<Figures & { readonly serverStarts: number }> {
  await using system = await startBreakwater()
  const records: PushRecord[] = []
  let longestRecoveryMs = 0
  let serverStarts = 0
  for (let round = 0; round < kills; round++) {
    const begun: PushRecord[] = []
    const pushing = pushUntilBroken(system, round, begun)
    await sleep(Math.random() * longestDelayMs)
    const killedAt = Date.now()
    kill(system)
    await pushing
    if (await untilServing(system)) serverStarts += 1
    longestRecoveryMs = Math.max(longestRecoveryMs, Date.now() - killedAt)
    for (const record of begun) await verifyPush(system, record)
    records.push(...begun)
  }
  for (const record of records) await verifyPush(system, record)
  await requireLedgered(system, records)
  const acknowledged = records.filter((record) => record.acknowledged)
  return {
    kills,
    pushesBegun: records.length,
    pushesAcknowledged: acknowledged.length,
    blobsAcknowledged: records.reduce((sum, record) => sum + record.acknowledgedBlobs.size, 0),
    longestRecoveryMs,
    serverStarts,
  }
}

/** kill -9 of the server in the middle of pushes, then a start on the same folder. */
export const killServer: Scenario = {
  name: 'kill-server',
  about: 'kill -9 of the server 200 times during pushes: nothing acknowledged lost, nothing half visible',
  run: (scale) => run(scaled(200, scale), (system) => killQuietly(system.pid)),
}

/** kill -9 of the postmaster; the server stays and starts it again. One that ended has crashed. */
export const killPostgres: Scenario = {
  name: 'kill-postgres',
  about: 'kill -9 of PostgreSQL 50 times during pushes: nothing acknowledged lost, nothing half visible',
  run: async (scale) => {
    const kills = scaled(50, scale)
    const figures = await run(kills, (system) => {
      const postmaster = findPostmaster(processTree(system.pid, system.dataFolder))
      if (!postmaster) throw new Error('the server has no postgres process: is the embedded database in use?')
      killQuietly(postmaster.pid)
    })
    if (figures.serverStarts > 0) throw new Error(`the server ended ${figures.serverStarts} times in ${kills} kills`)
    return figures
  },
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from '../scenario.ts'
import { verifyPush } from '../verify.ts'
import { clockBack, clockForward } from './clock.ts'
import { databaseGone, databaseSilent } from './database.ts'
import { objectStoreGone, objectStoreSilent } from './object-store.ts'
import type { OutageKind } from './outage.ts'
import { storeFull, storeGone, storeReadOnly } from './store.ts'
import { kinds, watchClients } from './watch.ts'

const all: readonly OutageKind[] = [
  databaseGone,
  databaseSilent,
  storeFull,
  storeReadOnly,
  storeGone,
  objectStoreGone,
  objectStoreSilent,
  clockForward,
  clockBack,
]
const settleMs = 2_000
const recoveryMs = 60_000

/** Runs one outage; what clients saw in it, how long it took to recover, and that nothing acknowledged is lost. */
async function perform(kind: OutageKind, lengthMs: number): Promise<Record<string, string | number>> {
  const missing = kind.missing?.()
  if (missing !== undefined) throw new Error(`${kind.name}: ${missing}`)
  await using opened = new AsyncDisposableStack()
  const outage = await kind.open(opened)
  const { system } = outage
  const watch = await watchClients(system)
  try {
    await sleep(settleMs)
    const begun = Date.now()
    await outage.begin()
    await sleep(lengthMs)
    await outage.end()
    const ended = Date.now()
    const recovered = await watch.recovery(ended, recoveryMs)
    await watch.stop()
    if (system.hasExited()) throw new Error(`${kind.name}: the server has ended`)
    for (const record of watch.pushes) await verifyPush(system, record)
    const acknowledged = watch.pushes.filter((record) => record.acknowledged)
    const seen = kinds.map((one) => [`${kind.name}: ${one}`, watch.summary(one, begun, ended)])
    return {
      ...Object.fromEntries(seen),
      [`${kind.name}: recovered after ms`]: recovered,
      [`${kind.name}: pushes acknowledged and found`]: acknowledged.length,
    }
  } finally {
    await watch.stop()
  }
}

/** What breaks around a server: what its clients see, how it recovers, and that nothing acknowledged is lost. */
export const outages: Scenario = {
  name: 'outages',
  about: 'database, disk or clock away for a minute each: what clients see, and how it recovers',
  async run(scale) {
    const figures: Record<string, string | number> = {}
    for (const kind of all) {
      const found = await perform(kind, Math.max(3_000, 60_000 * scale))
      console.log(found)
      Object.assign(figures, found)
    }
    return figures
  },
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi, untilDatabase } from '../../bench/lib/api.ts'
import { type Breakwater, startBreakwater } from '../../bench/lib/breakwater.ts'
import { send } from '../../bench/lib/http-client.ts'
import { databaseArchives, databaseMissing, freshDatabase } from '../../bench/lib/trivy-db.ts'
import { watchMemory } from './memory-watch.ts'
import type { Figures, Scenario } from './scenario.ts'

interface Waits {
  readonly requests: number
  readonly longestMs: number
}

/** Asks for something small again and again; how long the answers took tells whether the server is kept busy. */
async function askMeanwhile(system: Breakwater, work: Promise<unknown>): Promise<Waits> {
  let ended = false
  void work.finally(() => {
    ended = true
  })
  let requests = 0
  let longestMs = 0
  while (!ended) {
    const asked = performance.now()
    await send(system, { method: 'GET', path: '/v2/' })
    longestMs = Math.max(longestMs, performance.now() - asked)
    requests += 1
    await sleep(10)
  }
  return { requests, longestMs: Math.round(longestMs) }
}

async function run(scale: number): Promise<Figures> {
  const source = scale < 1 ? databaseArchives.small : databaseArchives.full
  const missing = databaseMissing(source)
  if (missing !== undefined) throw new Error(missing)
  const folder = mkdtempSync(join(tmpdir(), 'soak-database-import-'))
  try {
    const archive = await freshDatabase(source, folder)
    await using system = await startBreakwater()
    const importing = async (): Promise<number> => {
      const begun = performance.now()
      const body = { source: `file:${archive}` }
      await callApi(system, 'POST', '/api/breakwater/v1/vulndb/update', { body })
      await untilDatabase(system)
      return (performance.now() - begun) / 1000
    }
    const work = importing()
    const [{ result: seconds, peaks }, waits] = await Promise.all([
      watchMemory(system, work),
      askMeanwhile(system, work),
    ])
    const status = JSON.parse(await callApi(system, 'GET', '/api/breakwater/v1/vulndb')) as {
      database: { advisories: number }
    }
    return { advisories: status.database.advisories, seconds: Number(seconds.toFixed(1)), ...waits, ...peaks }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A whole database: time, memory, and how long others wait meanwhile. */
export const databaseImport: Scenario = {
  name: 'database-import',
  about: 'a vulnerability database of 280,000 advisories, and how long requests wait while it comes in',
  run,
}

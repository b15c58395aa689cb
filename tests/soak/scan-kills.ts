import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi, makeProject, untilDatabase } from '../../bench/lib/api.ts'
import { type Breakwater, startBreakwater } from '../../bench/lib/breakwater.ts'
import { killQuietly } from '../../bench/lib/child.ts'
import { databaseArchives, databaseMissing, freshDatabase } from '../../bench/lib/trivy-db.ts'
import { databaseLayer } from '../../packages/vulndb/src/fixture.ts'
import { type GatedImage, makeGatedImage, pushGated } from './gated-image.ts'
import { type Figures, type Scenario, scaled } from './scenario.ts'
import { requireVerdicts, verifyRecords } from './verify-verdicts.ts'

const pushersAtOnce = 4
const recoveryMs = 60_000
const project = 'gated'
const vulndb = '/api/breakwater/v1/vulndb'

interface ImportRecord {
  readonly id: number
  readonly state: string
  readonly message?: string
}

/** What trying again does not change. */
class ImportEnded extends Error {}

/** Knows of one vulnerability, so that the full database makes other images worse. */
const firstDatabase = {
  buckets: { 'debian 11': { openldap: { 'CVE-2022-29155': { FixedVersion: '2.4.57+dfsg-3+deb11u1' } } } },
  vulnerabilities: { 'CVE-2022-29155': { Title: 'SQL injection', VendorSeverity: { nvd: 4 } } },
  dataSources: { 'debian 11': { ID: 'debian', Name: 'Debian Security Tracker' } },
  // Before the full one, which would be refused as older.
  updatedAt: new Date(Date.now() - 2 * 3_600_000),
}

/** Goes on until `done`, killing the server at random moments and starting it again. Returns how often. */
async function killMeanwhile(system: Breakwater, most: number, longestMs: number, done: Promise<unknown>) {
  let ended = false
  const end = () => {
    ended = true
  }
  void done.then(end, end)
  let kills = 0
  while (kills < most) {
    await sleep(100 + Math.random() * longestMs)
    if (ended) break
    killQuietly(system.pid)
    while (!system.hasExited()) await sleep(10)
    kills += 1
    await system.restart()
  }
  return kills
}

/** What a server that is being killed cannot do is tried again, like any client does. */
async function persistently<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + recoveryMs
  for (;;) {
    try {
      return await attempt()
    } catch (cause) {
      if (cause instanceof ImportEnded) throw cause
      if (Date.now() > deadline) throw new Error(`${what}: not within ${recoveryMs / 1000} s`, { cause })
      await sleep(100)
    }
  }
}

async function pushAll(system: Breakwater, images: readonly GatedImage[]): Promise<void> {
  const waiting = [...images]
  const pushers = Array.from({ length: pushersAtOnce }, async () => {
    for (let image = waiting.shift(); image; image = waiting.shift()) {
      const one = image
      await persistently(`push of ${one.repository}`, () => pushGated(system, one))
    }
  })
  await Promise.all(pushers)
}

/** Where an import is; it ends when its database is in use. Throws what it was refused or failed with. */
async function importState(system: Breakwater, id: number): Promise<string> {
  const { state, message } = JSON.parse(await callApi(system, 'GET', `${vulndb}/imports/${id}`)) as ImportRecord
  if (state === 'refused' || state === 'failed') throw new ImportEnded(`${state}: ${message}`)
  return state
}

async function importDespite(system: Breakwater, archive: string, kills: number): Promise<number> {
  const body = { source: `file:${archive}` }
  const { id } = JSON.parse(await callApi(system, 'POST', `${vulndb}/update`, { body })) as ImportRecord
  const imported = (async () => {
    while ((await persistently('the state of the import', () => importState(system, id))) !== 'done') await sleep(100)
  })()
  const made = await killMeanwhile(system, kills, 3_000, imported)
  await imported
  return made
}

async function run(scale: number): Promise<Figures> {
  const missing = databaseMissing(databaseArchives.full)
  if (missing !== undefined) throw new Error(missing)
  const folder = mkdtempSync(join(tmpdir(), 'soak-scan-kills-'))
  try {
    const first = join(folder, 'first.tar.gz')
    writeFileSync(first, await databaseLayer(firstDatabase))
    const full = await freshDatabase(databaseArchives.full, join(folder, 'full'))
    await using system = await startBreakwater({ settings: { BREAKWATER_VULNDB_SOURCE: `file:${first}` } })
    await untilDatabase(system)
    await makeProject(system, project, 'high')
    const images = Array.from({ length: scaled(50, scale) }, (_, index) => makeGatedImage(project, index))
    const decided = pushAll(system, images).then(() => requireVerdicts(system, images, 'first'))
    const scanKills = await killMeanwhile(system, scaled(20, scale), 800, decided)
    await decided
    const importKills = await importDespite(system, full, scaled(5, scale))
    await requireVerdicts(system, images, 'full')
    return { images: images.length, scanKills, importKills, ...(await verifyRecords(system, images)) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** kill -9 while images are scanned and while a database of 300,000 advisories is imported. */
export const scanKills: Scenario = {
  name: 'scan-kills',
  about: 'kill -9 of the server during 50 scans and during an import: every verdict right at the end, none twice',
  run,
}

import { expect, it } from 'vitest'
import { tokenFor } from '../accounts.ts'
import { ask } from '../client.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { critical, gatedProject, high, pushScanned, setMetadata, writeDatabase, writeScan } from './stage.ts'

/** Changes while two processes are pulled from without a pause: what a change has made so holds for whoever asks after it. */
const registry = sharedRegistry()

/** One change after another; `allows`: whether pulls that begin once `make` has ended are served. */
interface Change {
  readonly allows: boolean
  make(): Promise<unknown>
}

interface Seen {
  readonly begun: number
  readonly ended: number
  readonly status: number
}

it.each(['policy', 'scan', 'database'])('a change of the %s', async (kind) => {
  const project = `race-${kind}`
  await writeDatabase(registry())
  await gatedProject(registry(), project)
  const image = await pushScanned(registry(), `${project}/app`, 'v1', [high])
  const changes: Readonly<Record<string, readonly Change[]>> = {
    policy: [
      { allows: true, make: () => setMetadata(registry(), project, { severity: 'critical' }) },
      { allows: false, make: () => setMetadata(registry(), project, { severity: 'high' }) },
    ],
    scan: [
      { allows: true, make: () => writeScan(registry(), image.digest, []) },
      { allows: false, make: () => writeScan(registry(), image.digest, [critical]) },
    ],
    database: [
      { allows: false, make: () => registry().query(`update vulndb_generation set state = 'retired'`) },
      {
        allows: true,
        make: async () => {
          await writeDatabase(registry())
          await writeScan(registry(), image.digest, [])
        },
      },
    ],
  }
  await using twin = await registry().twin()
  const layer = image.layers[0]?.digest ?? image.digest
  const auth = await tokenFor(registry(), admin, `repository:${project}/app:pull`)
  const seen: Seen[] = []
  const periods: { readonly from: number; to: number; readonly allows: boolean }[] = []
  let running = true
  const puller = async (origin: string, path: string) => {
    while (running) {
      const begun = performance.now()
      const { status } = await ask(origin, 'GET', `/v2/${project}/app/${path}`, { auth })
      seen.push({ begun, ended: performance.now(), status })
    }
  }
  const pulling = [registry().origin, twin.origin].flatMap((origin) =>
    ['manifests/v1', `manifests/${image.digest}`, `blobs/${layer}`].map((path) => puller(origin, path)),
  )
  for (let round = 0; round < 12; round += 1) {
    for (const { allows, make } of changes[kind] ?? []) {
      await make()
      const period = { from: performance.now(), to: Number.POSITIVE_INFINITY, allows }
      periods.push(period)
      const before = seen.length
      while (seen.length < before + 12) await new Promise((resolve) => setTimeout(resolve, 5))
      period.to = performance.now()
    }
  }
  running = false
  await Promise.all(pulling)

  let judged = 0
  for (const { from, to, allows } of periods) {
    const within = seen.filter(({ begun, ended }) => begun >= from && ended <= to)
    judged += within.length
    expect(within.filter(({ status }) => status !== (allows ? 200 : 403))).toEqual([])
  }
  expect(judged).toBeGreaterThan(periods.length)
})

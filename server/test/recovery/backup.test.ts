import { describe, expect, it } from 'vitest'
import { backupRegistry, checkBackup, restoreRegistry } from '../../src/recover.ts'
import { basic } from '../client.ts'
import { pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { configOf, emptyPlace, silent, start, temporaryFolder } from './place.ts'
import { fillRegistry, namesOf, pullEverything, refusedOf } from './stage.ts'

const registry = sharedRegistry()

const backup = (dest: string) =>
  backupRegistry(configOf(registry()), { dest, withoutSecretKey: false, allowMissing: false, report: silent })

describe('a backup that is made while pushes go on', () => {
  it('becomes a registry that serves all of it, to the same people', { timeout: 60_000 }, async () => {
    const { robot, user } = await fillRegistry(registry())
    let pushing = true
    const pushes = [1, 2].map(async (lane) => {
      for (let n = 0; pushing; n += 1) await pushImage(registry(), `team/busy-${lane}`, `v${n}`)
    })
    const dest = temporaryFolder()
    const result = await backup(dest).finally(() => {
      pushing = false
    })
    await Promise.all(pushes)
    expect(result).toMatchObject({ missing: [], secretKey: 'included', copiedBlobs: result.blobs })
    expect((await checkBackup({ source: dest, report: silent })).problems).toEqual([])

    const place = await emptyPlace()
    const restored = await restoreRegistry(place.config, { source: dest, newSecretKey: false, report: silent })
    expect(restored).toMatchObject({ id: result.id, rows: result.rows, blobs: result.blobs, migrated: [] })
    const names = await namesOf(place.query)
    expect(Object.keys(names.tags)).toEqual(
      expect.arrayContaining(['team/app:both', 'team/app:latest', 'library/big/one:1']),
    )
    await using again = await start(place.config)
    const statuses = await pullEverything(again, names)
    expect(statuses).toEqual(await pullEverything(registry(), names))
    const refused = refusedOf(statuses)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.filter((name) => !name.startsWith('signed/app@'))).toEqual([])
    expect(statuses).toMatchObject({ 'signed/app:good': 200, 'team/app:both': 200, 'library/big/one:1': 200 })
    for (const auth of [robot, user]) {
      expect((await again.ask('GET', '/v2/team/app/manifests/both', { auth })).status).toBe(200)
    }
    expect(
      (await again.ask('GET', '/v2/team/app/manifests/both', { auth: basic('robot$team+ci', 'wrong') })).status,
    ).toBe(401)
    await pushImage(again, 'team/after', 'restore')
  })
})

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/content/index.ts'
import { blobKey } from '../../src/content/layout.ts'
import { openDatabase } from '../../src/metadata/index.ts'
import { rebuildRegistry } from '../../src/recover.ts'
import { takeSnapshot } from '../../src/recovery/snapshot.ts'
import { pushImage } from '../content.ts'
import { startRegistry, type TestRegistry } from '../registry.ts'
import { configOf, emptyPlace, type Place, silent, start } from './place.ts'
import { fillRegistry, namesOf, pullEverything } from './stage.ts'

async function snapshot(registry: TestRegistry, keep = 10): Promise<string> {
  const config = configOf(registry)
  await using database = await openDatabase(config, () => undefined)
  const { id } = await takeSnapshot({ pool: database.pool, store: await openStore(config), version: '1' }, keep)
  return id
}

async function listed(registry: TestRegistry): Promise<string[]> {
  const store = await openStore(configOf(registry))
  const names = await store.listRecords('snapshots/')
  return names.filter((name) => name.endsWith('manifest.json')).map((name) => name.split('/')[1] ?? '')
}

/** An empty database beside the store and the secret key of a registry that has lost its own. */
function besideStore({ dataDir }: TestRegistry): Promise<Place> {
  return emptyPlace({ BREAKWATER_STORE_ROOT: join(dataDir, 'store'), BREAKWATER_DATA_DIR: dataDir })
}

const never = { BREAKWATER_SNAPSHOTS_ENABLED: 'false' }
const rebuild = (place: Place) => rebuildRegistry(place.config, { newSecretKey: false, report: silent })

describe('a registry whose database is lost', () => {
  it('is made of its store, with what it lacks said exactly', { timeout: 120_000 }, async () => {
    await using registry = await startRegistry(never)
    const { robot, user } = await fillRegistry(registry)
    const gone = await pushImage(registry, 'team/lost', 'blob')
    const away = await pushImage(registry, 'team/lost', 'manifest')
    const names = await namesOf(registry.query)
    const id = await snapshot(registry)
    const late = await pushImage(registry, 'team/late', 'v1')
    const file = (digest: Parameters<typeof blobKey>[0]) => join(registry.dataDir, 'store', blobKey(digest))
    const layer = gone.layers[0]?.digest ?? gone.digest
    for (const digest of [layer, away.digest]) rmSync(file(digest))

    const place = await besideStore(registry)
    const result = await rebuild(place)
    expect(result).toMatchObject({ id, passedOver: [] })
    expect(result.artifacts).toEqual(
      [
        { name: `team/lost@${gone.digest}`, tags: ['blob'], missing: [layer] },
        { name: `team/lost@${away.digest}`, tags: ['manifest'], missing: [away.digest] },
      ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    )
    const lateBytes = [late.config, ...late.layers, late].reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(result).toMatchObject({ unknownBlobs: 3, unknownBytes: lateBytes })
    expect(result.unknownManifests).toEqual([{ digest: late.digest, mediaType: late.mediaType }])

    await using again = await start(place.config)
    const statuses = await pullEverything(again, names)
    const lost = Object.keys(statuses).filter((name) => statuses[name] !== 200 && !name.startsWith('signed/'))
    expect(lost.sort()).toEqual([`team/lost@${layer}`, `team/lost@${away.digest}`, 'team/lost:manifest'].sort())
    for (const auth of [robot, user]) {
      expect((await again.ask('GET', '/v2/team/app/manifests/both', { auth })).status).toBe(200)
    }
    // What was lost can be pushed again.
    const [blob] = gone.layers
    if (!blob) throw new Error('an image has a layer')
    const path = `/v2/team/lost/blobs/${blob.digest}`
    expect((await again.ask('HEAD', path)).status).toBe(404)
    const upload = `/v2/team/lost/blobs/uploads/?digest=${blob.digest}`
    expect((await again.ask('POST', upload, { body: blob.bytes })).status).toBe(201)
    expect(digestOf((await again.ask('GET', path)).bytes)).toBe(blob.digest)
  })

  it('takes the newest snapshot that is whole, and says why it is not the newest', { timeout: 60_000 }, async () => {
    await using registry = await startRegistry(never)
    await pushImage(registry, 'library/app', 'v1')
    const ids = [await snapshot(registry), await snapshot(registry), await snapshot(registry)].sort()
    const [whole, changed = '', cut = ''] = ids
    const store = await openStore(configOf(registry))
    await store.putRecord(`snapshots/${changed}/tag.copy.zst.000000`, Buffer.from('other bytes'))
    const manifest = `snapshots/${cut}/manifest.json`
    await store.putRecord(manifest, (await store.getRecord(manifest))?.subarray(0, 500) ?? Buffer.alloc(0))
    const place = await besideStore(registry)
    const result = await rebuild(place)
    expect(result.id).toBe(whole)
    expect(result.passedOver).toEqual([
      `snapshot ${cut} is damaged: its manifest is no JSON, or is cut off.`,
      expect.stringContaining('tag.copy.zst has 11 bytes, not'),
    ])
    await expect(rebuild(place)).rejects.toThrow('The database is not empty')
  })

  it('is not made of a store that has no snapshot', async () => {
    const place = await emptyPlace()
    await expect(rebuild(place)).rejects.toThrow('The store holds no snapshot. Nothing was changed.')
    expect(await place.query(`select from pg_class where relname = 'project'`)).toEqual([])
  })

  it('needs the secret key, or new secrets', { timeout: 60_000 }, async () => {
    await using registry = await startRegistry(never)
    const { robot, user } = await fillRegistry(registry)
    await snapshot(registry)
    const place = await emptyPlace({ BREAKWATER_STORE_ROOT: join(registry.dataDir, 'store') })
    await expect(rebuild(place)).rejects.toThrow('The secret key of the registry is neither here nor in the archive.')
    const result = await rebuildRegistry(place.config, { newSecretKey: true, report: silent })
    expect(result).toMatchObject({ newSecretKey: true, artifacts: [] })
    await using again = await start(place.config)
    const status = async (auth: string) => (await again.ask('GET', '/v2/team/app/manifests/both', { auth })).status
    expect([await status(robot), await status(user)]).toEqual([401, 200])
  })
})

describe('snapshots', () => {
  it('are taken as often as the configuration says, and as many are kept', { timeout: 60_000 }, async () => {
    await using registry = await startRegistry({ BREAKWATER_SNAPSHOTS_EVERY: '1s', BREAKWATER_SNAPSHOTS_KEEP: '2' })
    const first = async () => (await listed(registry))[0]
    await expect.poll(first, { timeout: 20_000 }).toBeDefined()
    const oldest = await first()
    await expect.poll(async () => (await listed(registry)).includes(oldest ?? ''), { timeout: 30_000 }).toBe(false)
    expect((await listed(registry)).length).toBeLessThanOrEqual(3)
  })
})

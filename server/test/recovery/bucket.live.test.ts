import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/content/index.ts'
import { openDatabase } from '../../src/metadata/index.ts'
import { backupRegistry, rebuildRegistry, restoreRegistry } from '../../src/recover.ts'
import { takeSnapshot } from '../../src/recovery/snapshot.ts'
import { blobOf, configBlob, imageManifest, mustPutManifest, pushBlob } from '../content.ts'
import { isInstalled, type LiveStore, startS3 } from '../stores/live-store.ts'
import { emptyPlace, type Place, silent, start, temporaryFolder } from './place.ts'
import { namesOf, pullEverything } from './stage.ts'

describe.skipIf(!isInstalled('versitygw'))('a registry with a bucket (needs ../shared/tools)', () => {
  let live: LiveStore
  beforeAll(async () => {
    live = await startS3()
  })
  afterAll(() => live?.[Symbol.asyncDispose]())

  const inBucket = (prefix: string, more: Readonly<Record<string, string>> = {}): Promise<Place> =>
    emptyPlace({ ...live.env(), BREAKWATER_STORE_S3_PREFIX: prefix, ...more })

  it('is saved, restored into another bucket, and made of its bucket alone', { timeout: 120_000 }, async () => {
    const secret = { BREAKWATER_SECRET_KEY: 'k'.repeat(40) }
    const place = await inBucket('one/', secret)
    const dest = temporaryFolder()
    await (async () => {
      await using running = await start(place.config)
      const [config, layer] = [configBlob(), blobOf(Buffer.alloc(11 << 20, 'layer'))]
      for (const blob of [config, layer]) await pushBlob(running, 'library/app', blob)
      await mustPutManifest(running, 'library/app', 'v1', imageManifest(config, [layer]))
      const options = { withoutSecretKey: false, allowMissing: false, report: silent }
      expect(await backupRegistry(place.config, { dest, ...options })).toMatchObject({
        blobs: 3,
        secretKey: 'configured',
      })
      await using database = await openDatabase(place.config, () => undefined)
      await takeSnapshot({ pool: database.pool, store: await openStore(place.config), version: '1' }, 1)
    })()
    const names = await namesOf(place.query)

    const restored = await inBucket('two/', secret)
    await restoreRegistry(restored.config, { source: dest, newSecretKey: false, report: silent })
    const rebuilt = await inBucket('one/', secret)
    const result = await rebuildRegistry(rebuilt.config, { newSecretKey: false, report: silent })
    expect(result).toMatchObject({ artifacts: [], unknownBlobs: 0, passedOver: [] })
    for (const { config } of [restored, rebuilt]) {
      await using again = await start(config)
      expect(new Set(Object.values(await pullEverything(again, names)))).toEqual(new Set([200]))
    }
  })
})

import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { blobKey } from '../../src/content/layout.ts'
import { backupRegistry, checkBackup, restoreRegistry } from '../../src/recover.ts'
import { type Image, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { configOf, emptyPlace, type Place, silent, start, temporaryFolder } from './place.ts'
import { namesOf, pullEverything } from './stage.ts'

const registry = sharedRegistry()
let image: Image
beforeAll(async () => {
  image = await pushImage(registry(), 'library/app', 'v1')
})

interface Saved {
  readonly dest: string
  readonly id: string
  /** Where its tables are. */
  readonly folder: string
}

async function save(
  options: { allowMissing?: boolean; withoutSecretKey?: boolean; dest?: string } = {},
): Promise<Saved> {
  const { dest = temporaryFolder(), allowMissing = false, withoutSecretKey = false } = options
  const { id } = await backupRegistry(configOf(registry()), { dest, withoutSecretKey, allowMissing, report: silent })
  return { dest, id, folder: join(dest, 'backups', id) }
}

const restore = (place: Place, { dest }: Saved, newSecretKey = false) =>
  restoreRegistry(place.config, { source: dest, newSecretKey, report: silent })

/** Nothing is in the place: it can be restored to. */
async function expectUntouched(place: Place): Promise<void> {
  expect(await place.query(`select from pg_class where relname = 'project'`)).toEqual([])
  expect(readdirSync(join(place.dataDir, 'store/blobs'))).toEqual([])
  expect(existsSync(join(place.dataDir, 'secret.key'))).toBe(false)
}

describe('a backup that', () => {
  const blobFile = ({ dest }: Saved) => join(dest, blobKey(image.layers[0]?.digest ?? image.digest))
  it.each<[string, (saved: Saved) => void, RegExp]>([
    ['lost a table', ({ folder }) => rmSync(join(folder, 'tag.copy.zst')), /tag\.copy\.zst can't be read/],
    [
      'has a table cut off',
      ({ folder }) => truncateSync(join(folder, 'tag.copy.zst'), 20),
      /tag\.copy\.zst has 20 bytes, not/,
    ],
    [
      'has a byte changed',
      ({ folder }) => flip(join(folder, 'manifest.copy.zst')),
      /manifest\.copy\.zst does not match/,
    ],
    [
      'has more than it should',
      ({ folder }) => appendFileSync(join(folder, 'jobs.json.zst'), 'x'),
      /jobs\.json\.zst has/,
    ],
    ['lost a blob', (saved) => rmSync(blobFile(saved)), /The blob sha256:\w+ is missing/],
    ['has a blob cut off', (saved) => truncateSync(blobFile(saved), 3), /has 3 bytes, not 64/],
    ['has a blob changed', (saved) => flip(blobFile(saved)), /has other bytes than its digest says/],
  ])('%s is refused, and nothing is changed', async (_, damage, problem) => {
    const saved = await save()
    damage(saved)
    expect((await checkBackup({ source: saved.dest, report: silent })).problems.join('\n')).toMatch(problem)
    const place = await emptyPlace()
    await expect(restore(place, saved)).rejects.toThrow(problem)
    await expect(restore(place, saved)).rejects.toThrow('Nothing was changed.')
    await expectUntouched(place)
  })

  it.each<[string, (saved: Saved) => void, RegExp]>([
    [
      'has its manifest cut off',
      ({ folder }) => truncateSync(join(folder, 'manifest.json'), 1000),
      /is no JSON, or is cut off/,
    ],
    [
      'has its manifest changed',
      ({ folder }) => edit(folder, (text) => text.replace('"rows": 1', '"rows": 2')),
      /does not match its checksum/,
    ],
    ['lost its manifest', ({ folder }) => rmSync(join(folder, 'manifest.json')), /its manifest can't be read/],
    [
      'was not finished',
      ({ folder }) => renameSync(folder, `${folder}.partial`),
      /holds no backup, only one that was not finished/,
    ],
    [
      'is called like another',
      ({ dest, folder }) => renameSync(folder, join(dest, 'backups/20300101t000000z-0000')),
      /is that of backup/,
    ],
  ])('%s is not taken for one', async (_, damage, problem) => {
    const saved = await save()
    damage(saved)
    await expect(checkBackup({ source: saved.dest, report: silent })).rejects.toThrow(problem)
    const place = await emptyPlace()
    await expect(restore(place, saved)).rejects.toThrow(problem)
    await expectUntouched(place)
  })
})

describe('a place that', () => {
  it('has a registry is left alone', async () => {
    const saved = await save()
    const before = await registry().query('select count(*) as count from ledger')
    await expect(
      restoreRegistry(configOf(registry()), { source: saved.dest, newSecretKey: false, report: silent }),
    ).rejects.toThrow(/The store is not empty: it holds sha256:.* Nothing was changed\./)
    const place = await emptyPlace()
    await restore(place, saved)
    rmSync(join(place.dataDir, 'store'), { recursive: true })
    await expect(restore(place, saved)).rejects.toThrow(/The database is not empty: .* Nothing was changed\./)
    expect(await registry().query('select count(*) as count from ledger')).toEqual(before)
  })

  it('has another secret key is left alone', async () => {
    const saved = await save()
    const place = await emptyPlace({ BREAKWATER_SECRET_KEY: 'k'.repeat(40) })
    await expect(restore(place, saved)).rejects.toThrow(
      'secretKey (BREAKWATER_SECRET_KEY) is another secret key than that of the registry that was saved.',
    )
    await expectUntouched(place)
  })

  it('has no secret key goes on with a new one where that is wanted', async () => {
    const saved = await save({ withoutSecretKey: true })
    expect(existsSync(join(saved.folder, 'secret.key'))).toBe(false)
    const place = await emptyPlace()
    await expect(restore(place, saved)).rejects.toThrow(
      'The secret key of the registry is neither here nor in the archive.',
    )
    expect(await restore(place, saved, true)).toMatchObject({ newSecretKey: true })
    await using again = await start(place.config)
    expect((await again.ask('GET', '/v2/library/app/manifests/v1')).bytes.equals(image.bytes)).toBe(true)
  })
})

describe('a second backup', () => {
  it('copies only what is new, and both can be restored', async () => {
    const first = await save()
    await pushImage(registry(), 'library/later', 'v2')
    const second = await backupRegistry(configOf(registry()), {
      dest: first.dest,
      withoutSecretKey: false,
      allowMissing: false,
      report: silent,
    })
    expect(second.copiedBlobs).toBe(3)
    for (const [id, tags] of [
      [first.id, 0],
      [second.id, 1],
    ] as const) {
      const place = await emptyPlace()
      await restoreRegistry(place.config, { source: first.dest, id, newSecretKey: false, report: silent })
      const names = await namesOf(place.query)
      expect(Object.keys(names.tags).filter((tag) => tag === 'library/later:v2')).toHaveLength(tags)
    }
  })
})

describe('a store that has lost a blob', () => {
  it('is saved only where that is allowed, and the registry then asks for the blob again', async () => {
    const broken = await pushImage(registry(), 'library/broken', 'v1')
    const [layer] = broken.layers
    if (!layer) throw new Error('an image has a layer')
    rmSync(join(registry().dataDir, 'store', blobKey(layer.digest)))
    rmSync(join(registry().dataDir, 'store', blobKey(broken.digest)))
    const dest = temporaryFolder()
    await expect(save({ dest })).rejects.toThrow(
      /The store has lost sha256:\w+ .*, which library\/broken needs\. --allow-missing/,
    )
    expect(readdirSync(join(dest, 'backups'))).toEqual([])
    const saved = await save({ dest, allowMissing: true })
    await pushBlob(registry(), 'library/broken', layer)
    await mustPutManifest(registry(), 'library/broken', 'v1', broken.bytes)
    const place = await emptyPlace()
    const { missing } = await restore(place, saved)
    expect(missing).toEqual([layer.digest, broken.digest].sort())
    await using again = await start(place.config)
    // The manifest is in the rows too.
    expect((await again.ask('GET', '/v2/library/broken/manifests/v1')).bytes.equals(broken.bytes)).toBe(true)
    expect(existsSync(join(place.dataDir, 'store', blobKey(broken.digest)))).toBe(true)
    expect((await again.ask('HEAD', `/v2/library/broken/blobs/${layer.digest}`)).status).toBe(404)
    const upload = `/v2/library/broken/blobs/uploads/?digest=${layer.digest}`
    expect((await again.ask('POST', upload, { body: layer.bytes })).status).toBe(201)
    const statuses = await pullEverything(again, await namesOf(place.query))
    expect(new Set(Object.values(statuses))).toEqual(new Set([200]))
  })

  it('that nothing names is saved without it', async () => {
    await registry().query(`insert into blob (digest, size) values (sha256('nobody'), 6)`)
    const saved = await save()
    const place = await emptyPlace()
    await restore(place, saved)
    expect(await place.query(`select from blob where digest = sha256('nobody')`)).toEqual([])
  })

  it('and now holds other bytes is not copied', async () => {
    const changed = await pushImage(registry(), 'library/changed', 'v1')
    const key = blobKey(changed.layers[0]?.digest ?? changed.digest)
    writeFileSync(join(registry().dataDir, 'store', key), Buffer.alloc(64, 1))
    const dest = temporaryFolder()
    await expect(save({ dest })).rejects.toThrow('the store holds other bytes under it')
    expect(existsSync(join(dest, key))).toBe(false)
  })
})

function flip(file: string): void {
  const bytes = readFileSync(file)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

function edit(folder: string, change: (text: string) => string): void {
  const file = join(folder, 'manifest.json')
  const before = readFileSync(file, 'utf8')
  const after = change(before)
  expect(after).not.toBe(before)
  writeFileSync(file, after)
}

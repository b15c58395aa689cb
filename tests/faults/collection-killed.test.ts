import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { blobOf, type Image, mustPutManifest, pushBlob, pushImage } from '../../server/test/content.ts'
import { sharedState } from './fixture.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

const repository = 'library/app'
/** Windows that are over at once, and batches small enough that every kill finds one. */
const hasty = {
  BREAKWATER_COLLECTION_UNDO: '300ms',
  BREAKWATER_COLLECTION_GRACE: '200ms',
  BREAKWATER_COLLECTION_INTERVAL: '100ms',
  BREAKWATER_COLLECTION_RATE: '20',
}
/** From when deletions are seen to be announced to the kill: before, among and after those of the bytes. */
const killAfterMs = [0, 4, 8]

const blobsOf = (image: Image) => [image.config, ...image.layers, image]

/** Pushes an image again until it is acknowledged, to whatever server there is; refusals and broken connections are borne. */
async function pushAgain(server: () => ServerProcess, image: Image): Promise<void> {
  for (;;) {
    try {
      for (const blob of [image.config, ...image.layers]) await pushBlob(server(), repository, blob)
      await mustPutManifest(server(), repository, image.digest, image.bytes)
      return
    } catch {
      await wait(20)
    }
  }
}

/** Digests (hex) of the bytes that the store has, in order. */
function stored(dataDir: string): string[] {
  const files = readdirSync(join(dataDir, 'store'), { recursive: true, encoding: 'utf8' })
  return files
    .map((file) => basename(file))
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .sort()
}

/** Invariants I1 and I6: what was acknowledged is there, what was deleted goes, whatever the collector was doing. */
it('ends deletions that a killed collector left, and loses nothing that was pushed meanwhile', {
  timeout: 90_000,
}, async () => {
  const { env, database, dataDir } = await sharedState()
  const client = new pg.Client(database.connection)
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  const digests = async (condition: string): Promise<string[]> => {
    const { rows } = await client.query(
      `select encode(digest, 'hex') as digest from blob where ${condition} order by digest`,
    )
    return rows.map(({ digest }) => digest)
  }

  let server = await startServerProcess(env)
  onTestFinished(() => server.kill())
  const push = async () => {
    const images: Image[] = []
    while (images.length < 16) images.push(await pushImage(server, repository))
    return images
  }
  const images = (await Promise.all([push(), push(), push(), push()])).flat()
  const kept = new Set(images.filter((_, at) => at % 10 === 0))
  const deleted = images.filter((image) => !kept.has(image))
  for (const { digest } of deleted) {
    expect((await server.ask('DELETE', `/v2/${repository}/manifests/${digest}`)).status).toBe(202)
  }
  await server.kill()

  const pushing: Promise<void>[] = []
  let interrupted = 0
  for (const delay of killAfterMs) {
    server = await startServerProcess({ ...env, ...hasty })
    let announced: string[] = []
    await expect
      .poll(async () => (announced = await digests(`state = 'deleting'`)), { interval: 1, timeout: 20_000 })
      .not.toEqual([])
    const met = deleted.filter((image) => blobsOf(image).some(({ digest }) => announced.includes(digest.slice(7))))
    for (const image of met.filter((one) => !kept.has(one)).slice(0, 3)) {
      kept.add(image)
      pushing.push(pushAgain(() => server, image))
    }
    await wait(delay)
    await server.kill()
    interrupted += (await digests(`state = 'deleting'`)).length
    // The lease of who was killed is over.
    await client.query(`update blob set deleting_at = deleting_at - interval '1 hour' where state = 'deleting'`)
  }
  expect(interrupted).toBeGreaterThan(0)

  server = await startServerProcess({ ...env, ...hasty, BREAKWATER_COLLECTION_RATE: '1000' })
  await Promise.all(pushing)
  const expected = [...kept].flatMap(blobsOf).map(({ digest }) => digest.slice(7))
  await expect.poll(() => digests('true'), { timeout: 20_000 }).toEqual(expected.sort())
  expect(await digests(`state <> 'live'`)).toEqual([])
  expect(stored(dataDir)).toEqual(expected)
  for (const image of kept) {
    for (const blob of [image.config, ...image.layers]) {
      const answer = await server.ask('GET', `/v2/${repository}/blobs/${blob.digest}`)
      expect(blobOf(answer.bytes).digest).toBe(blob.digest)
    }
    const manifest = await server.ask('GET', `/v2/${repository}/manifests/${image.digest}`)
    expect(blobOf(manifest.bytes).digest).toBe(image.digest)
  }
})

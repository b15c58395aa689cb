import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hexOf } from '@breakwater/oci'
import { cosignTagManifest, fixtureKey, simpleSigning } from '@breakwater/signing/fixture'
import pg from 'pg'
import { expect, test } from 'vitest'
import { pushImage } from '../content.ts'
import { startRegistry } from '../registry.ts'
import { attach, pin, signedProject } from './stage.ts'

/** What cannot be known is no yes (invariant I3). */
const key = fixtureKey('p256')

test('a signature that the store does not give does not count, and does when it is back', async () => {
  await using registry = await startRegistry()
  await signedProject(registry, 'signed')
  const image = await pushImage(registry, 'signed/app')
  const evidence = cosignTagManifest(image.digest, [simpleSigning({ digest: image.digest, key })])
  await attach(registry, 'signed/app', evidence)
  for (const blob of evidence.blobs.keys()) {
    const hex = hexOf(blob)
    await rm(join(registry.dataDir, 'store', 'blobs', 'sha256', hex.slice(0, 2), hex))
  }
  // Nothing is known yet of what this key has signed.
  await pin(registry, 'signed', 'release', key)
  const get = () => registry.ask('GET', `/v2/signed/app/blobs/${image.config.digest}`)
  const answer = await get()
  expect(answer.status).toBeGreaterThanOrEqual(500)
  expect(answer.bytes).not.toEqual(image.config.bytes)
  await attach(registry, 'signed/app', evidence)
  expect((await get()).status).toBe(200)
})

test('the database away: nothing is let through', async () => {
  await using registry = await startRegistry()
  await signedProject(registry, 'signed')
  await pin(registry, 'signed', 'release', key)
  const { digest } = await pushImage(registry, 'signed/app')
  await attach(registry, 'signed/app', cosignTagManifest(digest, [simpleSigning({ digest, key })]))
  const status = async () => (await registry.ask('GET', `/v2/signed/app/manifests/${digest}`)).status
  expect(await status()).toBe(200)
  const { database } = registry.database.connection
  const name = pg.escapeIdentifier(database)
  const outside = new pg.Client({ ...registry.database.connection, database: 'postgres' })
  await outside.connect()
  try {
    await outside.query(`alter database ${name} with allow_connections false`)
    await outside.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
    expect(await status()).toBe(503)
    await outside.query(`alter database ${name} with allow_connections true`)
    await expect.poll(status).toBe(200)
  } finally {
    await outside.end()
  }
})

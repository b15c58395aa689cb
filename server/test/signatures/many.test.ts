import { cosignTagManifest, fixtureKey, simpleSigning } from '@breakwater/signing/fixture'
import { expect, test } from 'vitest'
import { pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { attach, pin, signedProject } from './stage.ts'

/** More than a change of keys verifies before it is answered. */
const registry = sharedRegistry()
const key = fixtureKey('p256')

test('signatures of many images are verified after a key was pinned, and those asked for at once', async () => {
  await signedProject(registry(), 'many')
  const images = []
  for (let n = 0; n < 30; n += 1) {
    const { digest } = await pushImage(registry(), 'many/app')
    await attach(registry(), 'many/app', cosignTagManifest(digest, [simpleSigning({ digest, key })]))
    images.push(digest)
  }
  await pin(registry(), 'many', 'release', key)
  const last = images.at(-1) ?? ''
  expect((await registry().ask('GET', `/v2/many/app/manifests/${last}`)).status).toBe(200)
  const verified = async () =>
    (await registry().query<{ count: string }>(`select count(*) from signature_result where code = 'ok'`))[0]?.count
  await expect.poll(verified, { timeout: 10_000 }).toBe(30)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createUser, type TestUser } from '../accounts.ts'
import type { Image } from '../content.ts'
import { critical, gatedProject, pushScanned, told, writeDatabase } from '../gate/stage.ts'
import { startRegistry, type TestRegistry } from '../registry.ts'
import type { LiveStore } from './live-store.ts'

/** What a registry with `store.redirect` does on an object store that is there while the tests run. */
export function describeRedirects(live: () => LiveStore, expiryOf: (address: URL) => number): void {
  describe('a registry that redirects', () => {
    let registry: TestRegistry
    let reader: TestUser
    let good: Image
    let bad: Image
    beforeAll(async () => {
      registry = await startRegistry({ ...live().env(), BREAKWATER_STORE_REDIRECT: 'true' })
      await writeDatabase(registry)
      await gatedProject(registry, 'production')
      reader = await createUser(registry, 'reader')
      await addMember(registry, 'production', reader, 'developer')
      good = await pushScanned(registry, 'production/app', 'good')
      bad = await pushScanned(registry, 'production/app', 'bad', [critical])
    })
    afterAll(() => registry?.[Symbol.asyncDispose]())

    const blob = (method: string, { config }: Image, auth: string | undefined = reader.auth) =>
      registry.ask(method, `/v2/production/app/blobs/${config.digest}`, { auth })

    it('sends who may pull to the store, for five minutes, whole or in ranges', async () => {
      const answer = await blob('GET', good)
      expect(answer.status).toBe(307)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['docker-content-digest']).toBe(good.config.digest)
      const address = new URL(answer.headers.location ?? '')
      expect(address.host).toBe(live().host)
      expect(expiryOf(address)).toBeGreaterThan(200)
      expect(expiryOf(address)).toBeLessThanOrEqual(300)
      const whole = Buffer.from(await (await fetch(address)).arrayBuffer())
      expect(whole.equals(good.config.bytes)).toBe(true)
      const part = await fetch(address, { headers: { range: 'bytes=5-9' } })
      expect(part.status).toBe(206)
      expect(await part.text()).toBe(good.config.bytes.subarray(5, 10).toString())
    })

    it('answers HEAD itself', async () => {
      const answer = await blob('HEAD', good)
      expect(answer.status).toBe(200)
      expect(answer.headers['content-length']).toBe(String(good.config.bytes.length))
    })

    it('gives no address to who is refused, by the policy or for lack of rights', async () => {
      const refused = await blob('GET', bad)
      expect(told(refused)).toMatchObject({ status: 403, code: 'DENIED' })
      expect(refused.headers.location).toBeUndefined()
      const stranger = await createUser(registry, 'stranger')
      for (const auth of [undefined, stranger.auth]) {
        const path = `/v2/production/app/blobs/${good.config.digest}`
        const answer = await registry.ask('GET', path, { auth })
        expect([401, 403, 404]).toContain(answer.status)
        expect(answer.headers.location).toBeUndefined()
      }
    })
  })
}

import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { blobOf, configBlob, type Image, imageManifest, mustPutManifest, pushBlob } from '../../server/test/content.ts'
import { admin } from '../../server/test/registry.ts'
import { openWire } from '../../server/test/wire.ts'
import { sharedState } from './fixture.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

/** Invariant I1: what was acknowledged is there, and nothing is half there. */

/** Pushes images one after the other until the server is gone; what was acknowledged. */
async function pushUntilKilled(
  server: ServerProcess,
  name: string,
): Promise<{ blobs: Map<string, Buffer>; images: Image[] }> {
  const blobs = new Map<string, Buffer>()
  const images: Image[] = []
  try {
    for (;;) {
      const [config, layer] = [configBlob(), blobOf(randomBytes(300_000))]
      for (const blob of [config, layer]) {
        await pushBlob(server, name, blob)
        blobs.set(blob.digest, blob.bytes)
      }
      const manifest = blobOf(imageManifest(config, [layer]))
      await mustPutManifest(server, name, `v${images.length}`, manifest.bytes)
      images.push({ ...manifest, mediaType: '', config, layers: [layer] })
    }
  } catch {
    return { blobs, images }
  }
}

it('keeps what it acknowledged when it is killed in the middle of pushes', { timeout: 90_000 }, async () => {
  const { env } = await sharedState()
  const repositories = ['library/a', 'library/b', 'library/c', 'library/d']
  for (const delay of [150, 400, 700]) {
    const server = await startServerProcess(env)
    const pushing = repositories.map((name) => pushUntilKilled(server, name))
    await wait(delay)
    await server.kill()
    const pushed = await Promise.all(pushing)
    await using again = await startServerProcess(env)
    for (const [i, { blobs, images }] of pushed.entries()) {
      const name = repositories[i]
      for (const [digest, bytes] of blobs) {
        const answer = await again.ask('GET', `/v2/${name}/blobs/${digest}`)
        expect(answer.status).toBe(200)
        expect(answer.bytes.equals(bytes)).toBe(true)
      }
      for (const [n, image] of images.entries()) {
        expect((await again.ask('GET', `/v2/${name}/manifests/${image.digest}`)).bytes.equals(image.bytes)).toBe(true)
        const byTag = await again.ask('HEAD', `/v2/${name}/manifests/v${n}`)
        expect(byTag.headers['docker-content-digest']).toBe(image.digest)
      }
      await expectWhole(again, name ?? '')
    }
  }
})

/** Whatever a tag names can be pulled with all that it needs. */
async function expectWhole(server: ServerProcess, name: string): Promise<void> {
  const list = await server.ask('GET', `/v2/${name}/tags/list`)
  if (list.status === 404) return
  const { tags } = JSON.parse(list.text) as { tags: string[] }
  for (const tag of tags) {
    const manifest = await server.ask('GET', `/v2/${name}/manifests/${tag}`)
    expect(manifest.status).toBe(200)
    const { config, layers } = JSON.parse(manifest.text) as { config: { digest: string }; layers: { digest: string }[] }
    for (const { digest } of [config, ...layers]) {
      const answer = await server.ask('GET', `/v2/${name}/blobs/${digest}`)
      expect(blobOf(answer.bytes).digest).toBe(digest)
    }
  }
}

it('goes on with an upload after it was killed, here or in another process', { timeout: 60_000 }, async () => {
  const { env, dataDir } = await sharedState()
  const bytes = randomBytes(3 << 20)
  const server = await startServerProcess(env)
  const location = (await server.ask('POST', '/v2/library/app/blobs/uploads/')).headers.location ?? ''
  const first = await server.ask('PATCH', location, { body: bytes.subarray(0, 1 << 20) })
  expect(first.headers['range']).toBe(`0-${(1 << 20) - 1}`)
  await using wire = await openWire(server.origin)
  await wire.send(
    `PATCH ${location} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\nContent-Length: ${2 << 20}\r\n\r\n`,
  )
  await wire.send(bytes.subarray(1 << 20, 3 << 19))
  await wait(100)
  await server.kill()
  await using again = await startServerProcess(env)
  const status = await again.ask('GET', location)
  expect(status.status).toBe(204)
  const offset = Number(status.headers['range']?.toString().split('-')[1]) + 1
  expect(offset).toBeGreaterThanOrEqual(1 << 20)
  const rest = bytes.subarray(offset)
  const headers = { 'content-range': `${offset}-${bytes.length - 1}` }
  expect((await again.ask('PATCH', location, { body: rest, headers })).status).toBe(202)
  const { digest } = blobOf(bytes)
  expect((await again.ask('PUT', `${location}?digest=${digest}`)).status).toBe(201)
  expect((await again.ask('GET', `/v2/library/app/blobs/${digest}`)).bytes.equals(bytes)).toBe(true)
  expect(readdirSync(join(dataDir, 'store/uploads'))).toEqual([])
})

it('stops when asked, finishes what runs, and starts again on what it has', { timeout: 60_000 }, async () => {
  const { env } = await sharedState()
  const server = await startServerProcess(env)
  const blob = blobOf(randomBytes(100_000))
  await pushBlob(server, 'library/app', blob)
  process.kill(server.pid, 'SIGTERM')
  expect(await server.ended).toBe(0)
  await using again = await startServerProcess(env)
  expect((await again.ask('GET', `/v2/library/app/blobs/${blob.digest}`)).bytes.equals(blob.bytes)).toBe(true)
})

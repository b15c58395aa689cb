import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type Answer, errorOf } from '../../server/test/client.ts'
import { blobOf, configBlob, imageManifest, pushImage } from '../../server/test/content.ts'
import { adminPassword } from '../../server/test/registry.ts'
import { temporaryFolder } from './fixture.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

/** A server with a database of its own, which it starts and which can be killed. */
function withEmbedded(dataDir: string): Promise<ServerProcess> {
  return startServerProcess({
    BREAKWATER_DATA_DIR: dataDir,
    BREAKWATER_LISTEN: '127.0.0.1:0',
    BREAKWATER_ADMIN_PASSWORD: adminPassword,
    BREAKWATER_LOG_LEVEL: 'warn',
  })
}

const postmaster = (dataDir: string) =>
  Number(readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0])

it('a server whose database is killed answers 503 until it is back, and loses nothing', {
  timeout: 90_000,
}, async () => {
  const dataDir = temporaryFolder()
  await using server = await withEmbedded(dataDir)
  const image = await pushImage(server, 'library/app', 'v1')
  const statuses = new Set<number>()
  const kept: { tag: string; digest: string }[] = []
  let running = true
  const see = (answer: Answer) => {
    statuses.add(answer.status)
    if (answer.status === 503) {
      expect(errorOf(answer)).toEqual({
        code: 'UNAVAILABLE',
        message: 'the database is not reachable; try again in a few seconds',
      })
      expect(answer.headers['retry-after']).toBe('5')
    }
    return answer
  }
  const puller = async () => {
    while (running) see(await server.ask('GET', '/v2/library/app/manifests/v1'))
  }
  const pusher = async (who: number) => {
    for (let n = 0; running; n += 1) {
      const [config, layer] = [configBlob(), blobOf(randomBytes(2000))]
      for (const { digest, bytes } of [config, layer]) {
        see(await server.ask('POST', `/v2/library/app/blobs/uploads/?digest=${digest}`, { body: bytes }))
      }
      const body = imageManifest(config, [layer])
      const headers = { 'content-type': image.mediaType }
      const tag = `p${who}-${n}`
      const put = see(await server.ask('PUT', `/v2/library/app/manifests/${tag}`, { body, headers }))
      if (put.status === 201) kept.push({ tag, digest: blobOf(body).digest })
      await wait(5)
    }
  }
  const clients = [puller(), puller(), pusher(0), pusher(1), pusher(2)]
  for (let kill = 0; kill < 4; kill += 1) {
    // Not before pushes succeed again: each kill must meet some that are under way.
    const before = kept.length
    await expect.poll(() => kept.length, { timeout: 45_000 }).toBeGreaterThan(before + 2)
    const pid = postmaster(dataDir)
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => postmasterOrNone(dataDir), { timeout: 45_000 }).not.toBe(pid)
  }
  const killed = kept.length
  await expect.poll(() => kept.length, { timeout: 45_000 }).toBeGreaterThan(killed + 2)
  running = false
  await Promise.all(clients)
  expect((await server.ask('GET', '/v2/')).status).toBe(200)
  // 400: a manifest whose blob was answered 503 before.
  expect([...statuses].filter((status) => ![200, 201, 400, 503].includes(status))).toEqual([])
  expect(statuses).toContain(503)
  for (const { tag, digest } of kept) {
    const head = await server.ask('HEAD', `/v2/library/app/manifests/${tag}`)
    expect(head.headers['docker-content-digest']).toBe(digest)
  }
  // The database ends with its server here; after a kill it might still write into the folder that is removed.
  process.kill(server.pid, 'SIGTERM')
  expect(await server.ended).toBe(0)
})

function postmasterOrNone(dataDir: string): number | undefined {
  try {
    return postmaster(dataDir)
  } catch {
    return undefined
  }
}

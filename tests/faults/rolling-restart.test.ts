import { randomBytes } from 'node:crypto'
import { createServer, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ask } from '../../server/test/client.ts'
import { blobOf, configBlob, imageManifest, mustPutManifest, pushBlob } from '../../server/test/content.ts'
import { admin } from '../../server/test/registry.ts'
import { sharedState } from './fixture.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

/** What a load balancer does: it asks /readyz four times a second, and gives each request to the next that is ready. */
async function startBalancer() {
  const backends = new Map<string, boolean>()
  const look = async () => {
    for (const origin of backends.keys()) {
      const ready = await ask(origin, 'GET', '/readyz', { auth: undefined }).then(
        ({ status }) => status === 200,
        () => false,
      )
      if (backends.has(origin)) backends.set(origin, ready)
    }
  }
  const timer = setInterval(() => void look(), 250)
  let turn = 0
  const server = createServer((incoming, outgoing) => {
    const ready = [...backends].filter(([, is]) => is).map(([origin]) => origin)
    turn += 1
    const origin = ready[turn % ready.length]
    if (!origin) {
      outgoing.writeHead(502).end('nobody is ready')
      return
    }
    const { method, url, headers } = incoming
    const upstream = request(new URL(url ?? '/', origin), { method, headers, agent: false }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    upstream.on('error', (error) => {
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(502).end(`${origin}: ${error.message}`)
    })
    incoming.pipe(upstream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    origin: `http://127.0.0.1:${port}`,
    async add({ origin }: ServerProcess) {
      backends.set(origin, false)
      await expect.poll(() => backends.get(origin), { timeout: 60_000 }).toBe(true)
    },
    forget: ({ origin }: ServerProcess) => backends.delete(origin),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('no request fails while the processes are replaced, one after the other', { timeout: 240_000 }, async () => {
  const { env } = await sharedState()
  const start = (role: string) => startServerProcess({ ...env, BREAKWATER_ROLE: role, BREAKWATER_DRAIN: '1s' })
  await using processes = new AsyncDisposableStack()
  const begin = async (role: string) => processes.use(await start(role))
  await using balancer = await startBalancer()
  let [one, other] = [await begin('web'), await begin('web')]
  let worker = await begin('worker')
  await balancer.add(one)
  await balancer.add(other)

  let replacing = true
  const client = {
    ask: (...[method, path, asked]: Parameters<ServerProcess['ask']>) =>
      ask(balancer.origin, method, path, { auth: admin, ...asked }),
  }
  const work = async (name: string) => {
    let images = 0
    for (; replacing; images += 1) {
      const [config, layer] = [configBlob(), blobOf(randomBytes(200_000))]
      for (const blob of [config, layer]) await pushBlob(client, name, blob)
      const manifest = blobOf(imageManifest(config, [layer]))
      await mustPutManifest(client, name, `v${images}`, manifest.bytes)
      const pulled = await client.ask('GET', `/v2/${name}/manifests/v${images}`)
      expect(pulled.bytes.equals(manifest.bytes)).toBe(true)
      const blob = await client.ask('GET', `/v2/${name}/blobs/${layer.digest}`)
      expect(blob.bytes.equals(layer.bytes)).toBe(true)
    }
    return images
  }
  const working = Promise.all(['library/a', 'library/b', 'library/c'].map(work))
  const replace = async (old: ServerProcess): Promise<ServerProcess> => {
    const next = await begin('web')
    await balancer.add(next)
    process.kill(old.pid, 'SIGTERM')
    expect(await old.ended).toBe(0)
    balancer.forget(old)
    return next
  }
  const replaced = (async () => {
    one = await replace(one)
    other = await replace(other)
    process.kill(worker.pid, 'SIGTERM')
    expect(await worker.ended).toBe(0)
    worker = await begin('worker')
    one = await replace(one)
  })().finally(() => {
    replacing = false
  })
  const [images] = await Promise.all([working, replaced])
  for (const made of images) expect(made).toBeGreaterThan(3)
})

it('a process that only answers leaves the scans to one that only works', { timeout: 120_000 }, async () => {
  const { env } = await sharedState()
  await using web = await startServerProcess({ ...env, BREAKWATER_ROLE: 'web' })
  const [config, layer] = [configBlob(), blobOf(randomBytes(20_000))]
  for (const blob of [config, layer]) await pushBlob(web, 'library/a', blob)
  await mustPutManifest(web, 'library/a', 'v1', imageManifest(config, [layer]))
  const state = async () => {
    const answer = await web.ask(
      'GET',
      '/api/v2.0/projects/library/repositories/a/artifacts/v1?with_scan_overview=true',
    )
    const { scan_overview: overview } = JSON.parse(answer.text) as {
      scan_overview?: Record<string, { scan_status: string }>
    }
    return Object.values(overview ?? {})[0]?.scan_status
  }
  await wait(3_000)
  expect(await state()).toBe('Pending')
  await using worker = await startServerProcess({ ...env, BREAKWATER_ROLE: 'worker' })
  await expect.poll(state, { timeout: 60_000 }).not.toBe('Pending')
  expect((await worker.ask('GET', '/v2/')).status).toBe(404)
})

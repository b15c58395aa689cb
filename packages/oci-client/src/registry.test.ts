import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { openRegistry, type RegistryOptions } from './registry.ts'
import { saveBlob } from './save-blob.ts'

const repository = parseRepositoryName('a/b') as RepositoryName
const content = Buffer.from('the bytes of a blob')
const descriptor = { digest: digestOf(content), size: content.length }
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/x', digest: digestOf(Buffer.from('{}')), size: 2 },
    layers: [{ mediaType: 'application/x', ...descriptor }],
  }),
)
const manifestType = { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' }

/** A server that answers as told, and what it was asked. */
async function serve(answer: RequestListener) {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    asked,
    host,
    registry: (options?: RegistryOptions) => openRegistry(host, options),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

const blobOf = (host: string, options?: RegistryOptions, maxBytes = 1_000) =>
  read(openRegistry(host, options).blob(repository, descriptor, { maxBytes }))

describe('manifest', () => {
  it('comes with its digest', async () => {
    await using server = await serve((_, response) => response.writeHead(200, manifestType).end(manifest))
    const got = await server.registry().manifest(repository, '2')
    expect(got.digest).toBe(digestOf(manifest))
    expect(got.bytes.equals(manifest)).toBe(true)
    expect(got.manifest).toMatchObject({ kind: 'image', layers: [descriptor] })
  })

  it('must hash to the digest that was asked for, or that the registry names', async () => {
    const other = digestOf(Buffer.from('other'))
    await using server = await serve((_, response) =>
      response.writeHead(200, { ...manifestType, 'Docker-Content-Digest': other }).end(manifest),
    )
    await expect(server.registry().manifest(repository, other)).rejects.toMatchObject({ kind: 'untrue' })
    await expect(server.registry().manifest(repository, '2')).rejects.toMatchObject({ kind: 'untrue' })
  })

  it('has to be one, and not too large', async () => {
    await using page = await serve((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>'))
    await expect(page.registry().manifest(repository, '2')).rejects.toMatchObject({ kind: 'strange' })
    await using endless = await serve((_, response) =>
      response.writeHead(200, manifestType).end(Buffer.alloc(5 * 1024 * 1024, ' ')),
    )
    await expect(endless.registry().manifest(repository, '2')).rejects.toMatchObject({ kind: 'too-large' })
  })
})

describe('blob', () => {
  it('is passed on when it is true', async () => {
    await using server = await serve((_, response) => response.end(content))
    expect((await blobOf(server.host)).equals(content)).toBe(true)
  })

  it.each([
    ['other bytes', Buffer.from('THE bytes of a blob')],
    ['too few', content.subarray(1)],
    ['too many', Buffer.concat([content, content])],
  ])('ends in a failure with %s', async (_, sent) => {
    await using server = await serve((_request, response) => response.end(sent))
    await expect(blobOf(server.host)).rejects.toMatchObject({ kind: 'untrue', host: server.host })
  })

  it('is not asked for when it is over the limit', async () => {
    await using server = await serve((_, response) => response.end(content))
    await expect(blobOf(server.host, {}, 10)).rejects.toMatchObject({ kind: 'too-large' })
    expect(server.asked).toHaveLength(0)
  })

  it('is given up when nothing comes', async () => {
    await using server = await serve((_, response) => {
      response.write(content.subarray(0, 4))
    })
    const failure = blobOf(server.host, { patienceMs: 50 })
    await expect(failure).rejects.toMatchObject({ kind: 'slow' })
  })

  it('ends with its caller', async () => {
    await using server = await serve((_, response) => {
      response.write(content.subarray(0, 4))
    })
    const ending = new AbortController()
    const options = { maxBytes: 1_000, signal: ending.signal }
    const pieces = server.registry().blob(repository, descriptor, options)
    await pieces.next()
    ending.abort(new Error('enough'))
    await expect(pieces.next()).rejects.toThrow('enough')
  })

  it('becomes a file, or none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bw-client-'))
    using _folder = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
    await using good = await serve((_, response) => response.end(content))
    await using bad = await serve((_, response) => response.end('something else here'))
    const seen: number[] = []
    const save = (host: string, name: string) =>
      saveBlob(openRegistry(host), {
        repository,
        descriptor,
        path: join(folder, name),
        maxBytes: 1_000,
        onProgress: (bytes) => seen.push(bytes),
      })
    await save(good.host, 'good')
    expect(readFileSync(join(folder, 'good')).equals(content)).toBe(true)
    expect(seen.at(-1)).toBe(content.length)
    await expect(save(bad.host, 'bad')).rejects.toMatchObject({ kind: 'untrue' })
    expect(readdirSync(folder)).toEqual(['good'])
  })
})

describe('tokens', () => {
  const tokens = () =>
    serve((request, response) => {
      const { host } = request.headers
      if (request.url?.startsWith('/token')) {
        const open = !request.headers.authorization || request.headers.authorization === basicOf('u', 'p')
        response.writeHead(open ? 200 : 401).end(JSON.stringify({ token: 'abc', expires_in: 300 }))
      } else if (request.headers.authorization === 'Bearer abc') response.end(content)
      else {
        const challenge = `Bearer realm="http://${host}/token",service="here",scope="repository:a/b:pull"`
        response.writeHead(401, { 'WWW-Authenticate': challenge }).end()
      }
    })
  const basicOf = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

  it('are fetched when asked for, and kept', async () => {
    await using server = await tokens()
    const registry = server.registry()
    await read(registry.blob(repository, descriptor, { maxBytes: 100 }))
    await read(registry.blob(repository, descriptor, { maxBytes: 100 }))
    expect(server.asked.map(({ url }) => url?.split('/')[1])).toEqual([
      'v2',
      'token?service=here&scope=repository%3Aa%2Fb%3Apull',
      'v2',
      'v2',
    ])
  })

  it('are had with credentials, which go to the token service only', async () => {
    await using server = await tokens()
    const registry = server.registry({ credentials: { user: 'u', password: 'p' } })
    await read(registry.blob(repository, descriptor, { maxBytes: 100 }))
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      basicOf('u', 'p'),
      'Bearer abc',
    ])
    await expect(blobOf(server.host, { credentials: { user: 'u', password: 'wrong' } })).rejects.toMatchObject({
      kind: 'unauthorized',
    })
  })

  it('are not fetched without encryption from another machine', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="http://192.0.2.1/token"' }).end()
    })
    const registry = server.registry({ credentials: { user: 'u', password: 'p' } })
    await expect(registry.manifest(repository, '2')).rejects.toMatchObject({
      kind: 'strange',
      message: expect.stringContaining('192.0.2.1'),
    })
  })
})

describe('redirects', () => {
  it('do not take credentials to another origin', async () => {
    await using storage = await serve((_, response) => response.end(content))
    await using server = await serve((request, response) => {
      if (!request.headers.authorization) response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end()
      else response.writeHead(307, { Location: `http://${storage.host}/object?signature=1` }).end()
    })
    await blobOf(server.host, { credentials: { user: 'u', password: 'p' } })
    expect(storage.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  it('end somewhere', async () => {
    await using server = await serve((request, response) => response.writeHead(302, { Location: request.url }).end())
    await expect(blobOf(server.host)).rejects.toMatchObject({ kind: 'strange' })
    expect(server.asked.length).toBeLessThan(10)
  })
})

it.each([
  [404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown\\u0000"}]}', 'missing', /has no a\/b:2: unknown/],
  [401, '', 'unauthorized', /give credentials/],
  [403, '{"errors":[{"code":"DENIED","message":"no"}]}', 'forbidden', /: no\.$/],
  [429, 'x', 'busy', /Try again later/],
  [503, '<html>', 'busy', /503/],
  [418, '', 'strange', /418/],
])('says what a %i means', async (status, body, kind, message) => {
  await using server = await serve((_, response) => response.writeHead(status).end(body))
  const failure = server.registry().manifest(repository, '2')
  await expect(failure).rejects.toMatchObject({ kind, message: expect.stringMatching(message) })
})

it('says when nobody is there', async () => {
  const gone = await serve(() => undefined)
  await gone[Symbol.asyncDispose]()
  await expect(gone.registry().manifest(repository, '2')).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining(gone.host),
  })
})

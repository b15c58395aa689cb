import { createHook } from 'node:async_hooks'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { Egress, type Resolve } from './egress.ts'
import { RegistryFailure } from './failure.ts'
import { openRegistry } from './registry.ts'

const repository = parseRepositoryName('a/b') as RepositoryName

/** Names have the addresses that a test wants, and else those of this machine. */
const named = (...found: readonly Readonly<Record<string, readonly string[]>>[]) => {
  const asked: string[] = []
  const resolve: Resolve = (host, _options, done) => {
    const now = found[Math.min(asked.length, found.length - 1)]
    asked.push(host)
    const addresses = now?.[host] ?? ['127.0.0.1']
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return { resolve, asked }
}

/** What asking a host ends in, and how many connections of this process were begun for it. */
async function ask(host: string, resolve?: Resolve) {
  let connections = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'TCPCONNECTWRAP') connections += 1
    },
  }).enable()
  const options = { plainHttp: true, patienceMs: 2_000, ...(resolve ? { resolve } : {}) }
  try {
    const failure = await openRegistry(host, options)
      .manifest(repository, '1')
      .then(() => undefined)
      .catch((error: unknown) => error)
    if (!(failure instanceof RegistryFailure)) throw new Error('no failure of the registry', { cause: failure })
    return { kind: failure.kind, message: failure.message, connections }
  } finally {
    hook.disable()
  }
}

describe('what is refused before a connection', () => {
  it.each([
    '169.254.169.254',
    '169.254.169.254.',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '0xa9.254.0251.254',
    '169.254.43518',
    '169。254。169。254',
    '[::ffff:a9fe:a9fe]',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[::]',
    '0',
  ])('a host that is such an address: %s', async (host) => {
    expect(await ask(host)).toEqual({
      kind: 'unsafe',
      message: expect.stringMatching(/^Connections to .* are not made\. .* metadata service: name another host\.$/),
      connections: 0,
    })
  })

  it.each([
    [['169.254.169.254'], '169.254.169.254'],
    [['::ffff:169.254.169.254'], '::ffff:169.254.169.254'],
    [['fe80::1%lo'], 'fe80::1%lo'],
    // The rest does not make up for it: which one is connected to is not decided here.
    [['127.0.0.1', 'fd00:ec2::254'], 'fd00:ec2::254'],
  ])('a name that has such an address: %j', async (addresses, shown) => {
    const { resolve } = named({ 'registry.example.com': addresses })
    const remedy = 'No registry is there, and it may be a metadata service: name another host.'
    expect(await ask('registry.example.com', resolve)).toEqual({
      kind: 'unsafe',
      message: `Connections to registry.example.com (${shown}) are not made. ${remedy}`,
      connections: 0,
    })
  })
})

/** A registry on this machine whose first answer leads somewhere; after that it has nothing. */
async function leading(status: number, headers: (port: number) => Record<string, string>) {
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    const { port } = server.address() as AddressInfo
    response.writeHead(asked === 1 ? status : 404, asked === 1 ? headers(port) : {}).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const ways = [
  ['a redirect', 307, (url: string) => ({ Location: url })],
  ['a token service', 401, (url: string) => ({ 'WWW-Authenticate': `Bearer realm="${url}"` })],
] as const

describe.each(ways)('%s', (_what, status, headers) => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://[::ffff:a9fe:a9fe]/',
    'https://169.254.169.254/',
    'http://metadata.example.com/',
  ])('to %s is not followed, even from an inner registry', async (url) => {
    await using server = await leading(status, () => headers(url))
    const { resolve } = named({ 'metadata.example.com': ['169.254.169.254'] })
    expect(await ask(`127.0.0.1:${server.port}`, resolve)).toEqual({
      kind: 'unsafe',
      message: expect.stringMatching(/^Connections to \S+ \((169\.254\.169\.254|\[?::ffff:a9fe:a9fe]?)\) are not made/),
      connections: 1,
    })
    expect(server.asked()).toBe(1)
  })

  it('of an inner registry may be another inner host', async () => {
    await using server = await leading(status, (port) => headers(`http://store.example.com:${port}/there`))
    const { resolve, asked } = named({})
    expect((await ask(`registry.example.com:${server.port}`, resolve)).kind).toBe('missing')
    expect(asked).toEqual(['registry.example.com', 'store.example.com'])
    expect(server.asked()).toBe(2)
  })
})

describe('a registry of the internet', () => {
  const lookUp = (egress: Egress, host: string) =>
    new Promise((resolve, reject) => {
      egress.lookup(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found)))
    })
  const host = 'registry.example.com'
  const inside = /must not lead into an inner network: name that host itself/

  it.each(['10.0.0.1', '127.0.0.1', '[::1]', '[fd12::1]', '2130706433', '0x7f.1', '100.64.0.1'])(
    'does not lead to %s',
    async (address) => {
      const egress = new Egress(host, named({ [host]: ['203.0.113.1'] }).resolve)
      const url = new URL(`http://${address}/`)
      expect(() => egress.checkUrl(url)).toThrow(inside)
      await lookUp(egress, host)
      expect(() => egress.checkUrl(url)).toThrow(inside)
      expect(() => egress.checkUrl(new URL('https://198.51.100.7/'))).not.toThrow()
    },
  )

  it('does not lead to a name of an inner network, nor become one itself', async () => {
    const { resolve } = named({ [host]: ['203.0.113.1'] }, { [host]: ['10.0.0.1'], 'cdn.example.com': ['10.0.0.2'] })
    const egress = new Egress(`${host}:5000`, resolve)
    expect(await lookUp(egress, host)).toEqual([{ address: '203.0.113.1', family: 4 }])
    await expect(lookUp(egress, host)).rejects.toThrow(inside)
    await expect(lookUp(egress, 'cdn.example.com')).rejects.toThrow(inside)
  })

  it('that has addresses of both kinds leads to itself alone', async () => {
    const { resolve } = named({ [host]: ['10.0.0.1', '203.0.113.1'], 'a.example.com': ['10.0.0.2'] })
    const egress = new Egress(host, resolve)
    expect(await lookUp(egress, host)).toHaveLength(2)
    await expect(lookUp(egress, 'a.example.com')).rejects.toThrow(inside)
  })

  it('that was an inner host before leads nowhere inside any more', async () => {
    const { resolve } = named({ [host]: ['10.0.0.1'] }, { [host]: ['203.0.113.1'] }, { 'a.example.com': ['10.0.0.2'] })
    const egress = new Egress(host, resolve)
    await lookUp(egress, host)
    await lookUp(egress, host)
    await expect(lookUp(egress, 'a.example.com')).rejects.toThrow(inside)
  })
})

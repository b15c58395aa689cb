import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { Egress, type Resolve, reachOf } from './egress.ts'
import { openRegistry } from './registry.ts'

const repository = parseRepositoryName('a/b') as RepositoryName

describe('addresses', () => {
  it.each([
    ['169.254.169.254', 'never'],
    ['169.254.0.1', 'never'],
    ['0.0.0.0', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['100.100.100.200', 'never'],
    ['fe80::1', 'never'],
    ['fd00:ec2::254', 'never'],
    ['::', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['2002:a9fe:a9fe::1', 'never'],
    ['not an address', 'never'],
    ['127.0.0.1', 'inner'],
    ['10.1.2.3', 'inner'],
    ['172.31.255.255', 'inner'],
    ['192.168.0.1', 'inner'],
    ['100.64.0.1', 'inner'],
    ['::1', 'inner'],
    ['fd12:3456::1', 'inner'],
    ['::ffff:10.0.0.1', 'inner'],
    ['64:ff9b::7f00:1', 'inner'],
    ['172.32.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
  ])('%s: %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach)
  })
})

/** Everything is on this machine, but names have the addresses that a test wants. */
const named = (addresses: Readonly<Record<string, string>>): { resolve: Resolve; asked: string[] } => {
  const asked: string[] = []
  const resolve: Resolve = (host, _options, done) => {
    asked.push(host)
    done(null, [{ address: addresses[host] ?? '127.0.0.1', family: 4 }])
  }
  return { resolve, asked }
}

const failure = (host: string, resolve?: Resolve) =>
  openRegistry(host, { plainHttp: true, patienceMs: 2_000, ...(resolve ? { resolve } : {}) })
    .manifest(repository, '1')
    .then(
      () => 'fetched',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )

describe('what is refused before a connection', () => {
  // URLs know several notations of one address.
  it.each([
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.254.43518',
    '[::ffff:a9fe:a9fe]',
  ])('a host that is the address of a metadata service: %s', async (host) => {
    expect(await failure(host)).toMatch(/^Connections to .* are not made\. .* metadata service: name another host\.$/)
  })

  it('a name that has such an address', async () => {
    const { resolve } = named({ 'registry.example.com': '169.254.169.254' })
    expect(await failure('registry.example.com', resolve)).toMatch(
      /^Connections to registry\.example\.com \(169\.254\.169\.254\) are not made/,
    )
  })
})

describe('where a registry leads', () => {
  async function leading(headers: (port: number) => Record<string, string>, status: number) {
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

  it.each([
    ['a redirect', () => ({ Location: 'http://169.254.169.254/latest/meta-data' }), 307],
    ['a token service', () => ({ 'WWW-Authenticate': 'Bearer realm="http://169.254.169.254/token"' }), 401],
  ])('%s to a metadata service is not followed, even from an inner registry', async (_what, headers, status) => {
    await using server = await leading(headers, status)
    expect(await failure(`127.0.0.1:${server.port}`)).toMatch(/169\.254\.169\.254\) are not made/)
    expect(server.asked()).toBe(1)
  })

  it('a registry of the internet may not lead into an inner network', () => {
    const inner = new URL('http://10.0.0.1/token')
    expect(() => new Egress('registry.example.com').checkUrl(inner)).toThrow(/must not lead into an inner network/)
    const named = new Egress('10.0.0.2:5000')
    named.checkUrl(new URL('http://10.0.0.2:5000/v2/'))
    expect(() => named.checkUrl(inner)).not.toThrow()
  })

  it('an inner registry may lead to another inner host', async () => {
    await using server = await leading((port) => ({ Location: `http://store.example.com:${port}/blob` }), 307)
    const { resolve, asked } = named({})
    expect(await failure(`registry.example.com:${server.port}`, resolve)).toMatch(/has no a\/b:1/)
    expect(asked).toEqual(['registry.example.com', 'store.example.com'])
    expect(server.asked()).toBe(2)
  })
})

import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { RegistryFailure } from './failure.ts'

/** Where nothing is that one would want from a registry: metadata services of clouds, link-local and unusable addresses. */
const never = listOf(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.0', 24],
  ['224.0.0.0', 3],
  ['::', 128],
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  // Ways to write an IPv4 address that no registry needs: 6to4, and translation outside the well-known prefix.
  ['2002::', 16],
  ['64:ff9b:1::', 48],
)

/** This machine and networks that the internet does not reach. */
const inner = listOf(
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
)

function listOf(...networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of networks) list.addSubnet(network, bits, isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return list
}

/** Addresses by what may be behind them. */
export function reachOf(address: string): 'never' | 'inner' | 'public' {
  const plain = withoutTranslation(address)
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(plain) === 0 || never.check(plain, family)) return 'never'
  return inner.check(plain, family) ? 'inner' : 'public'
}

/** The IPv4 address in one that a translator (NAT64, RFC 6052) would connect to. */
function withoutTranslation(address: string): string {
  const [, high = '', low = ''] = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (low === '') return address
  const value = Number.parseInt(high || '0', 16) * 65_536 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}

/** How names become addresses; tests bring their own. */
export type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * The connections that are made for the sake of one registry. Whoever named it may name a host of an inner network; a
 * registry of the internet may not lead into one, by a redirect or by the address of its token service. The addresses
 * that are checked are those that are connected to, so a name can't change its meaning in between.
 */
export class Egress {
  readonly http: HttpAgent
  readonly https: HttpsAgent
  readonly #named: string
  readonly #resolve: Resolve
  #inner = false

  /** `host` as in a reference, with a port or without. */
  constructor(host: string, resolveHost: Resolve = resolve) {
    this.#named = new URL(`http://${host}`).hostname
    this.#resolve = resolveHost
    const options = { keepAlive: true, maxSockets: 16, lookup: this.#lookup }
    this.http = new HttpAgent(options)
    this.https = new HttpsAgent(options)
  }

  /** For hosts that are addresses, which nobody looks up. URLs have brought every notation of them into one form. */
  checkUrl({ hostname }: URL): void {
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) !== 0) this.#check(hostname, host)
  }

  #check(hostname: string, address: string): void {
    const reach = reachOf(address)
    if (reach === 'inner' && hostname === this.#named) this.#inner = true
    if (reach === 'public' || (reach === 'inner' && this.#inner)) return
    const remedy =
      reach === 'never'
        ? 'No registry is there, and it may be a metadata service: name another host.'
        : `${this.#named} is a registry of the internet and must not lead into an inner network: name that host itself.`
    throw new RegistryFailure('forbidden', hostname, `Connections to ${hostname} (${address}) are not made. ${remedy}`)
  }

  readonly #lookup: LookupFunction = (hostname, options, done) => {
    this.#resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      try {
        for (const { address } of addresses) this.#check(hostname, address)
      } catch (refusal) {
        return done(refusal as NodeJS.ErrnoException, [])
      }
      const [first] = addresses
      if (options.all || !first) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

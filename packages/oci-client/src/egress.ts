import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { RegistryFailure } from './failure.ts'
import { reachOf } from './reach.ts'

/** How names become addresses; tests bring their own. */
export type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Milliseconds until a connection that nobody uses is closed. */
const idleMs = 30_000

/**
 * The connections that are made for the sake of one registry. Whoever named it may name a host of an inner network; a
 * registry of the internet may not lead into one, by a redirect, by the address of its token service or by a name that
 * changes its meaning. The addresses that are checked are those that are connected to.
 */
export class Egress {
  readonly http: HttpAgent
  readonly https: HttpsAgent
  /** How both find the addresses that they connect to. */
  readonly lookup: LookupFunction
  readonly #named: string
  readonly #resolve: Resolve
  /** Where the named host is, as it showed first; `mixed` has addresses of both. Undefined before. */
  #place: 'inner' | 'mixed' | 'public' | undefined

  /** `host` as in a reference, with a port or without. */
  constructor(host: string, resolveHost: Resolve = resolve) {
    this.#named = new URL(`http://${host}`).hostname
    this.#resolve = resolveHost
    this.lookup = (hostname, how, done) => this.#find(hostname, how, done)
    const options = { keepAlive: true, timeout: idleMs, maxSockets: 16, lookup: this.lookup }
    this.http = new HttpAgent(options)
    this.https = new HttpsAgent(options)
  }

  /**
   * For hosts that are addresses, which nobody looks up. URLs have brought every notation of them into one form. Throws
   * RegistryFailure, as connecting does.
   */
  checkUrl({ hostname }: URL): void {
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) !== 0) this.#check(hostname, [host])
  }

  /** One refused address refuses the host: which of them is connected to is not decided here. */
  #check(hostname: string, addresses: readonly string[]): void {
    const never = addresses.find((address) => reachOf(address) === 'never')
    if (never !== undefined) {
      throw refusal(hostname, never, 'No registry is there, and it may be a metadata service: name another host.')
    }
    const inner = addresses.find((address) => reachOf(address) === 'inner')
    const some = addresses.some((address) => reachOf(address) === 'public')
    if (hostname === this.#named) {
      this.#place ??= inner === undefined ? 'public' : some ? 'mixed' : 'inner'
      if (some && this.#place === 'inner') this.#place = 'mixed'
    }
    const may = this.#place === 'inner' || (this.#place === 'mixed' && hostname === this.#named)
    if (inner === undefined || may) return
    const remedy = `${this.#named} is a registry of the internet and must not lead into an inner network: name that host itself.`
    throw refusal(hostname, inner, remedy)
  }

  #find(hostname: string, options: LookupOptions, done: Parameters<LookupFunction>[2]): void {
    this.#resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      try {
        this.#check(
          hostname,
          addresses.map(({ address }) => address),
        )
      } catch (refused) {
        return done(refused as NodeJS.ErrnoException, [])
      }
      const [first] = addresses
      if (options.all || !first) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

function refusal(hostname: string, address: string, remedy: string): RegistryFailure {
  return new RegistryFailure('unsafe', hostname, `Connections to ${hostname} (${address}) are not made. ${remedy}`)
}

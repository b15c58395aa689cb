import { BlockList, isIP, SocketAddress } from 'node:net'

/**
 * - `never`: metadata services of clouds, link-local and unusable addresses: no registry that one would want is there
 * - `inner`: this machine, and networks that the internet does not reach
 * - `public`: the internet
 */
export type Reach = 'never' | 'inner' | 'public'

/** IANA's special-purpose registry, and what clouds use beside link-local for metadata: Alibaba, Azure. */
const never4 = listOf('ipv4', [
  ['0.0.0.0', 8],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['224.0.0.0', 3],
])
const inner4 = listOf('ipv4', [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
])

/** Metadata services (AWS, Google) amid unique local addresses; Teredo and 6to4, which carry an IPv4 address along. */
const never6 = listOf('ipv6', [
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  ['2001::', 32],
  ['2002::', 16],
])
const inner6 = listOf('ipv6', [
  ['::1', 128],
  ['fc00::', 7],
])
/** All that is handed out so far (RFC 4291, section 2.4); what lies outside is link-local, multicast or a translation. */
const public6 = listOf('ipv6', [['2000::', 3]])

function listOf(family: 'ipv4' | 'ipv6', networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of networks) list.addSubnet(network, bits, family)
  return list
}

/** What may be behind an address, in any notation that sockets take; `never` also for what is no address. */
export function reachOf(address: string): Reach {
  const family = isIP(address)
  if (family === 0) return 'never'
  const plain = family === 4 ? address : canonical(address)
  const ipv4 = family === 4 ? address : carriedIpv4(plain)
  if (ipv4 !== undefined) {
    if (never4.check(ipv4)) return 'never'
    return inner4.check(ipv4) ? 'inner' : 'public'
  }
  if (never6.check(plain, 'ipv6')) return 'never'
  if (inner6.check(plain, 'ipv6')) return 'inner'
  return public6.check(plain, 'ipv6') ? 'public' : 'never'
}

/** RFC 5952's form, without a zone. */
function canonical(address: string): string {
  return new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' }).address
}

/** The IPv4 address that a connection goes to in truth: mapped (RFC 4291), or by way of a translator (NAT64, RFC 6052). */
function carriedIpv4(address: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const translated = /^64:ff9b::(?:(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4}))?$/.exec(address)
  if (!translated) return undefined
  const [, high = '0', low = '0'] = translated
  const value = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}

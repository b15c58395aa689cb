import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reachOf } from './reach.ts'

describe('addresses', () => {
  it.each([
    ['169.254.169.254', 'never'],
    ['169.254.0.1', 'never'],
    ['169.254.170.2', 'never'],
    ['0.0.0.0', 'never'],
    ['0.1.2.3', 'never'],
    ['192.0.0.192', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['febf:ffff::1', 'never'],
    ['fec0::1', 'never'],
    ['ff02::1', 'never'],
    ['fd00:ec2::254', 'never'],
    ['fd00:0ec2:0:0::0254', 'never'],
    ['fd20:ce::254', 'never'],
    ['::', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['::ffff:0:a9fe:a9fe', 'never'],
    ['::a9fe:a9fe', 'never'],
    ['::127.0.0.1', 'never'],
    ['64:ff9b::', 'never'],
    ['64:ff9b::1', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['64:ff9b:1::a9fe:a9fe', 'never'],
    ['2001:0:a9fe:a9fe::1', 'never'],
    ['2002:a9fe:a9fe::1', 'never'],
    ['4000::1', 'never'],
    ['not an address', 'never'],
    ['', 'never'],
    ['127.0.0.1', 'inner'],
    ['127.255.255.254', 'inner'],
    ['10.1.2.3', 'inner'],
    ['172.16.0.0', 'inner'],
    ['172.31.255.255', 'inner'],
    ['192.168.0.1', 'inner'],
    ['100.64.0.1', 'inner'],
    ['100.127.255.255', 'inner'],
    ['198.19.255.255', 'inner'],
    ['::1', 'inner'],
    ['fc00::1', 'inner'],
    ['fd12:3456::1', 'inner'],
    ['::ffff:10.0.0.1', 'inner'],
    ['64:ff9b::7f00:1', 'inner'],
    ['172.15.255.255', 'public'],
    ['172.32.0.1', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['169.253.255.255', 'public'],
    ['169.255.0.0', 'public'],
    ['223.255.255.255', 'public'],
    ['8.8.8.8', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['2606:4700::1111', 'public'],
  ])('%s: %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach)
  })
})

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
const ipv4 = fc.oneof(
  octets,
  octets.map(([, , c, d]) => [169, 254, c, d] as const),
  octets.map(([, b, c, d]) => [127, b, c, d] as const),
)
const hex = (value: number) => value.toString(16)

describe('one address', () => {
  /** The numbers of one part, as inet_aton takes them. */
  const radix = fc.constantFrom(
    (value: number) => String(value),
    (value: number) => `0x${hex(value)}`,
    (value: number) => `0X${hex(value).toUpperCase().padStart(9, '0')}`,
    (value: number) => `0${value.toString(8)}`,
    (value: number) => `000${value.toString(8)}`,
  )

  it('has one meaning, however a URL writes it', () => {
    fc.assert(
      fc.property(
        ipv4,
        fc.tuple(radix, radix, radix, radix),
        fc.integer({ min: 1, max: 4 }),
        ([a, b, c, d], write, parts) => {
          const [w, x, y, z] = write
          const written = {
            1: () => w(((a * 256 + b) * 256 + c) * 256 + d),
            2: () => `${w(a)}.${x((b * 256 + c) * 256 + d)}`,
            3: () => `${w(a)}.${x(b)}.${y(c * 256 + d)}`,
            4: () => `${w(a)}.${x(b)}.${y(c)}.${z(d)}`,
          }[parts as 1 | 2 | 3 | 4]()
          const plain = `${a}.${b}.${c}.${d}`
          expect(new URL(`http://${written}/`).hostname).toBe(plain)
          expect(reachOf(written) === reachOf(plain) || reachOf(written) === 'never').toBe(true)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('has one meaning, mapped or translated, long or short', () => {
    const long = fc.constantFrom('::ffff:', '0:0:0:0:0:FFFF:', '0000:0000::ffff:', '64:ff9b::', '0064:FF9B:0:0:0:0:')
    fc.assert(
      fc.property(ipv4, long, fc.boolean(), fc.constantFrom('', '%lo', '%1'), ([a, b, c, d], prefix, dotted, zone) => {
        const plain = `${a}.${b}.${c}.${d}`
        const written = prefix + (dotted ? plain : `${hex(a * 256 + b)}:${hex(c * 256 + d)}`) + zone
        expect(isIPv6(written)).toBe(true)
        expect(reachOf(written)).toBe(reachOf(plain))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is public only where the internet is', () => {
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, (all) => {
        const [first = 0] = all
        // Beside the mapped and the translated, which are above.
        fc.pre((first < 0x2000 || first > 0x3fff) && first !== 0x64 && first !== 0)
        expect(reachOf(all.map(hex).join(':'))).not.toBe('public')
      }),
    )
  })
})

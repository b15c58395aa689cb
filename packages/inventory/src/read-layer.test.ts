import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  alpineRelease,
  apkInstalled,
  debianRelease,
  dpkgStatus,
  type FixtureEntry,
  nodePackage,
  tarOf,
} from './fixture.ts'
import { defaultLayerLimits, LayerError, type LayerInventory, type LayerLimits, readLayer } from './index.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = (bytes: Buffer, limits: Partial<LayerLimits> = {}, size = 700) =>
  readLayer(pieces(bytes, size), { ...defaultLayerLimits, ...limits })

async function inventoryOf(
  entries: readonly FixtureEntry[],
  limits: Partial<LayerLimits> = {},
): Promise<LayerInventory> {
  return (await read(tarOf(entries), limits)).inventory
}

const failure = (bytes: Buffer, limits: Partial<LayerLimits> = {}) =>
  read(bytes, limits).then(
    () => 'read',
    (error: unknown) => (error instanceof LayerError ? error.code : error),
  )

const archive = tarOf([...debianRelease('12.5'), dpkgStatus([{ name: 'openssl', version: '3.0.11-1' }])])
const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`

describe('compression is told by the bytes', () => {
  const half = Math.floor(archive.length / 2)
  test.each([
    ['none', archive],
    ['gzip', gzipSync(archive)],
    ['gzip in two members', Buffer.concat([gzipSync(archive.subarray(0, half)), gzipSync(archive.subarray(half))])],
    ['zstd', zstdCompressSync(archive)],
  ])('%s', async (_, bytes) => {
    for (const size of [1, 511, 513, 1 << 20]) {
      const found = await read(bytes, {}, size)
      expect(found.diffId).toBe(digest)
      expect(found.size).toBe(archive.length)
      expect(found.inventory.databases[0]?.packages).toHaveLength(1)
    }
  })
})

describe('what is read', () => {
  test('Debian: release, packages, their sources, and those that are not installed', async () => {
    const stanza = (lines: string[]) => `${lines.join('\n')}\n\n`
    const { systems, databases } = await inventoryOf([
      ...debianRelease('12.5'),
      {
        path: './var/lib/dpkg/status',
        content: [
          stanza([
            'Package: libssl3',
            'Status: install ok installed',
            'Source: openssl (3.0.11-1)',
            'Version: 3.0.11-1+b1',
            'Architecture: amd64',
          ]),
          stanza(['Package: gone', 'Status: deinstall ok config-files', 'Version: 1']),
          stanza([
            'Package: docker-ce',
            'Status: install ok installed',
            'Maintainer: Docker <support@docker.com>',
            'Version: 5:24',
          ]),
        ].join(''),
      },
      { path: 'var/lib/dpkg/status.d/zlib1g', content: 'Package: zlib1g\nVersion: 1:1.2.11\n' },
    ])
    expect(systems).toEqual([{ family: 'debian', name: '12.5' }])
    expect(databases.flatMap(({ packages }) => packages)).toEqual([
      { name: 'libssl3', version: '3.0.11-1+b1', arch: 'amd64', sourceName: 'openssl', sourceVersion: '3.0.11-1' },
      { name: 'docker-ce', version: '5:24', sourceName: 'docker-ce', sourceVersion: '5:24', thirdParty: true },
      { name: 'zlib1g', version: '1:1.2.11', sourceName: 'zlib1g', sourceVersion: '1:1.2.11' },
    ])
  })

  test('Alpine: release, the newest repository, packages with their origin', async () => {
    const found = await inventoryOf([
      ...alpineRelease('3.20.1'),
      {
        path: 'etc/apk/repositories',
        content: 'https://mirror.example.com/alpine/v3.9/main\nhttps://mirror.example.com/alpine/v3.20/main\n',
      },
      apkInstalled([{ name: 'libcrypto3', version: '3.3.1-r0', source: 'openssl' }]),
    ])
    expect(found.systems[0]).toEqual({ family: 'alpine', name: '3.20.1' })
    expect(found.repositoryRelease).toBe('3.20')
    expect(found.databases[0]?.packages).toEqual([
      { name: 'libcrypto3', version: '3.3.1-r0', arch: 'x86_64', sourceName: 'openssl', sourceVersion: '3.3.1-r0' },
    ])
  })

  test.each([
    ['etc/os-release', 'ID="almalinux"\nVERSION_ID="9.4"\n', 'alma', '9.4'],
    ['etc/redhat-release', 'Red Hat Enterprise Linux release 9.4 (Plow)\n', 'redhat', '9.4'],
    ['etc/centos-release', 'CentOS Linux release 7.9.2009 (Core)\n', 'centos', '7.9.2009'],
    ['etc/lsb-release', 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n', 'ubuntu', '22.04'],
    ['etc/system-release', 'Amazon Linux release 2 (Karoo)\n', 'amazon', '2 (Karoo)'],
  ])('release in %s: %s', async (path, content, family, name) => {
    expect((await inventoryOf([{ path, content }])).systems).toEqual([{ family, name }])
  })

  test('packages of Node, Python and Ruby; what names none, links and lock files are none', async () => {
    const metadata = 'Metadata-Version: 2.1\nName: Django\nVersion: 2.2\n\nVersion: 9 in prose\n'
    const { applications, notCovered } = await inventoryOf([
      nodePackage('ms', '0.7.0'),
      { path: 'app/package.json', content: '{"name":"app"}' },
      { path: 'app/broken/package.json', content: '{' },
      { path: 'app/linked/package.json', type: 'symlink', linkname: '../package.json' },
      { path: 'app/package-lock.json', content: '{"name":"lock","version":"1.0.0"}' },
      { path: 'v/Django-2.2.dist-info/METADATA', content: metadata },
      { path: 'v/six.egg-info/PKG-INFO', content: 'Name: six\nVersion: 1.0\n' },
      { path: 'gems/specifications/rack-2.0.6.gemspec', content: 's.name = "rack".freeze\ns.version = "2.0.6"\n' },
      { path: 'opt/app.jar', content: 'PK' },
    ])
    expect(applications.map(({ type, packages }) => [type, packages[0]?.name, packages[0]?.version])).toEqual([
      ['node-pkg', 'ms', '0.7.0'],
      ['python-pkg', 'Django', '2.2'],
      ['python-pkg', 'six', '1.0'],
      ['gemspec', 'rack', '2.0.6'],
    ])
    expect(notCovered).toEqual([{ type: 'jar', path: 'opt/app.jar' }])
  })

  test('a file that a package of the distribution brought is not counted twice', async () => {
    const path = 'usr/lib/python3/dist-packages/urllib3-1.26.dist-info/METADATA'
    const { applications } = await inventoryOf([
      { path, content: 'Name: urllib3\nVersion: 1.26\n' },
      { path: 'var/lib/dpkg/info/python3-urllib3.md5sums', content: `${'0'.repeat(32)}  ${path}\n` },
    ])
    expect(applications).toEqual([])
  })

  test('the last of two files with one name counts, as on unpacking', async () => {
    const { applications } = await inventoryOf([nodePackage('ms', '0.7.0'), nodePackage('ms', '2.0.0')])
    expect(applications).toHaveLength(1)
    expect(applications[0]?.packages[0]?.version).toBe('2.0.0')
    const emptied = await inventoryOf([
      nodePackage('ms', '0.7.0'),
      { path: 'app/node_modules/ms/package.json', content: '{}' },
    ])
    expect(emptied.applications).toEqual([])
  })

  test('whiteouts and opaque folders', async () => {
    const found = await inventoryOf([{ path: 'opt/.wh.old' }, { path: './srv/.wh..wh..opq' }, { path: '.wh.top' }])
    expect(found.removed).toEqual(['opt/old', 'top'])
    expect(found.opaque).toEqual(['srv'])
  })
})

describe('Go programs', () => {
  const length = (text: Buffer) => Buffer.from([(text.length & 0x7f) | 0x80, text.length >> 7])
  function program(goVersion: string, modules: string, before = 4_096): Buffer {
    const header = Buffer.alloc(32)
    header.write('\xff Go buildinf:', 'latin1')
    header[14] = 8
    header[15] = 2
    const version = Buffer.from(goVersion)
    const text = Buffer.concat([Buffer.alloc(16, 1), Buffer.from(modules), Buffer.alloc(16, 2)])
    const head = Buffer.alloc(before)
    head.write('\x7fELF', 'latin1')
    return Buffer.concat([head, header, length(version), version, length(text), text, Buffer.alloc(300)])
  }
  const modules = [
    'path\texample.com/app/cmd',
    'mod\texample.com/app\t(devel)\t',
    'dep\tgolang.org/x/text\tv0.3.5\th1:x',
    'dep\texample.com/old\tv1.0.0',
    '=>\texample.com/fork\tv1.1.0\th1:y',
    'build\t-ldflags=-s -w -X main.version=1.4.2',
  ].join('\n')

  test.each([4_096, 4_112, 69_632])('build information at %i, in pieces of any size', async (before) => {
    const entry = { path: 'usr/bin/app', content: program('go1.21.3 X:loopvar', modules, before), mode: 0o755 }
    for (const size of [97, 4_096, 1 << 20]) {
      const { inventory } = await read(tarOf([entry]), {}, size)
      expect(inventory.applications[0]?.packages).toEqual([
        { name: 'example.com/app', version: 'v1.4.2' },
        { name: 'golang.org/x/text', version: 'v0.3.5' },
        { name: 'example.com/fork', version: 'v1.1.0' },
        { name: 'stdlib', version: 'v1.21.3' },
      ])
    }
  })

  test('words that only look like it do not hide what follows', async () => {
    const decoy = program('nonsense', '', 4_096)
    const content = Buffer.concat([
      decoy,
      Buffer.alloc((16 - (decoy.length % 16)) % 16),
      program('go1.20', modules, 64),
    ])
    const found = await inventoryOf([{ path: 'app', content, mode: 0o755 }])
    expect(found.applications[0]?.packages.at(-1)).toEqual({ name: 'stdlib', version: 'v1.20' })
  })

  test('without an execute bit, or without the head of a program, it is data', async () => {
    const content = program('go1.20', modules)
    const text = Buffer.from(content)
    text[0] = 0x20
    const found = await inventoryOf([
      { path: 'a', content },
      { path: 'b', content: text, mode: 0o755 },
    ])
    expect(found.applications).toEqual([])
  })

  test('those of Go before 1.18 and those of Rust are not covered', async () => {
    const old = program('go1.17', modules)
    old[4_096 + 15] = 0
    const rust = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(64), Buffer.from('.dep-v0\0')])
    const found = await inventoryOf([
      { path: 'old', content: old, mode: 0o755 },
      { path: 'rust', content: rust, mode: 0o755 },
    ])
    expect(found.notCovered.map(({ type }) => type)).toEqual(['gobinary-1.17', 'rustbinary'])
  })
})

describe('hostile layers', () => {
  test('what is no archive, is cut off, or has a wrong checksum', async () => {
    const wrong = Buffer.from(archive)
    wrong[1_024] = 0x7a
    expect(await failure(Buffer.alloc(2_000, 0x61))).toBe('not-a-tar')
    expect(await failure(archive.subarray(0, 530))).toBe('corrupt')
    expect(await failure(archive.subarray(0, 1_300))).toBe('corrupt')
    expect(await failure(wrong)).toBe('corrupt')
    expect(await failure(gzipSync(archive).subarray(0, 150))).toBe('corrupt')
    expect(await failure(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(50, 7)]))).toBe('corrupt')
  })

  test('limits end it, or make it partial', async () => {
    const zeros = tarOf([{ path: 'zeros', content: Buffer.alloc(1 << 20) }])
    expect(await failure(gzipSync(zeros), { ratio: 100, ratioFrom: 1 << 16 })).toBe('too-large')
    expect(await failure(zeros, { bytes: 1 << 19 })).toBe('too-large')
    expect(await failure(archive, { entries: 2 })).toBe('too-large')
    expect(await failure(archive, { milliseconds: -1 })).toBe('too-slow')
    const large = [{ path: 'a/package.json', content: `{"x":"${'y'.repeat(3_000)}"}` }]
    expect((await inventoryOf(large, { fileBytes: 1_000 })).partial[0]).toMatch(/^a\/package\.json has \d+ bytes/)
    expect((await inventoryOf(large, { capturedBytes: 1_000 })).partial).toHaveLength(1)
    expect((await inventoryOf([nodePackage('a', '1'), nodePackage('b', '1')], { packages: 1 })).partial).toHaveLength(1)
  })

  test('names that lead out of the image, or are too long, are told', async () => {
    const long = `${'d/'.repeat(100)}package.json`
    const found = await inventoryOf([
      { path: '../../etc/debian_version', content: '12\n' },
      { path: long, content: '{"name":"a","version":"1"}' },
      { path: '/opt/../srv/package.json', content: '{"name":"b","version":"1"}' },
    ])
    expect(found.systems).toEqual([])
    expect(found.applications.map(({ path }) => path)).toEqual([long, 'srv/package.json'])
    expect(found.partial).toHaveLength(1)
    expect((await inventoryOf([{ path: long, content: '' }], { pathBytes: 50 })).partial).toHaveLength(1)
  })

  test('an inventory of nothing else comes from bytes that are changed at random', async () => {
    const original = tarOf([...debianRelease('12.5'), nodePackage('ms', '0.7.0'), { path: 'x/.wh.y' }])
    let random = 12_345
    const next = (below: number) => {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
      return random % below
    }
    const ends = new Map<string, number>()
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = Buffer.from(original)
      for (let i = 0; i < 4; i += 1) bytes[next(bytes.length)] = next(256)
      const end = await failure(round % 2 ? bytes : gzipSync(bytes, { level: 1 }).fill(next(256), 30, 30 + next(3)))
      expect(typeof end).toBe('string')
      ends.set(String(end), (ends.get(String(end)) ?? 0) + 1)
    }
    expect(ends.get('read')).toBeGreaterThan(0)
    expect(ends.get('corrupt')).toBeGreaterThan(0)
  })

  test('a bomb takes no memory', async () => {
    const bomb = gzipSync(
      Buffer.concat([tarOf([{ path: 'big', content: '' }]).subarray(0, 512), Buffer.alloc(200 << 20)]),
      {
        level: 9,
      },
    )
    const before = process.memoryUsage().rss
    await failure(bomb)
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 2 ** 20)
  })
})

/** Layers and images of our own making, for tests. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

export interface FixtureEntry {
  readonly path: string
  readonly content?: string | Buffer
  /** `file` by default. */
  readonly type?: 'file' | 'directory' | 'symlink' | 'link'
  readonly linkname?: string
  readonly mode?: number
}

const typeFlags = { file: '0', directory: '5', symlink: '2', link: '1' } as const

/** A tar archive (ustar) of these entries, in order. */
export function tarOf(entries: readonly FixtureEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '')
    const long = Buffer.byteLength(entry.path) > 100
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512)
    return [...(long ? longName(entry.path) : []), headerOf(entry, content.length), content, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1_024)])
}

function longName(path: string): Buffer[] {
  const name = Buffer.from(`${path}\0`)
  return [headerOf({ path: '././@LongLink' }, name.length, 'L'), name, Buffer.alloc((512 - (name.length % 512)) % 512)]
}

function headerOf(entry: FixtureEntry, size: number, flag: string = typeFlags[entry.type ?? 'file']): Buffer {
  const header = Buffer.alloc(512)
  header.write(entry.path.slice(0, 100), 0)
  const octal = (value: number, at: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
  octal(entry.mode ?? 0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  header.write('        ', 148)
  header.write(flag, 156)
  header.write(entry.linkname ?? '', 157)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

export interface FixtureImage {
  readonly manifest: Buffer
  readonly manifestDigest: string
  readonly config: Buffer
  /** Config and layers, by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly diffIds: readonly string[]
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** An OCI image of these layers (tar archives or their entries), compressed with gzip. `config` is laid over its config. */
export function imageOf(
  layers: readonly (Buffer | readonly FixtureEntry[])[],
  { config: extra = {}, manifest: more = {} }: { readonly config?: object; readonly manifest?: object } = {},
): FixtureImage {
  const archives = layers.map((layer) => (Buffer.isBuffer(layer) ? layer : tarOf(layer)))
  const packed = archives.map((archive) => gzipSync(archive))
  const diffIds = archives.map(digestOf)
  const rootfs = { type: 'layers', diff_ids: diffIds }
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs, ...extra }))
  const describe = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: describe('application/vnd.oci.image.config.v1+json', config),
      layers: packed.map((layer) => describe('application/vnd.oci.image.layer.v1.tar+gzip', layer)),
      ...more,
    }),
  )
  const blobs = new Map([config, ...packed].map((bytes) => [digestOf(bytes), bytes]))
  return { manifest, manifestDigest: digestOf(manifest), config, blobs, diffIds }
}

/** The files by which Debian tells its release (`12.5`). */
export function debianRelease(release: string): FixtureEntry[] {
  return [
    { path: 'etc/os-release', content: `ID=debian\nVERSION_ID="${release.split('.')[0]}"\n` },
    { path: 'etc/debian_version', content: `${release}\n` },
  ]
}

export interface FixturePackage {
  readonly name: string
  readonly version: string
  /** `name` or `name (version)`, as in a status file. */
  readonly source?: string
  readonly arch?: string
}

/** dpkg's list of installed packages. */
export function dpkgStatus(packages: readonly FixturePackage[]): FixtureEntry {
  const stanzas = packages.map(({ name, version, source, arch = 'amd64' }) =>
    [
      `Package: ${name}`,
      'Status: install ok installed',
      ...(source ? [`Source: ${source}`] : []),
      `Architecture: ${arch}`,
      `Version: ${version}`,
    ].join('\n'),
  )
  return { path: 'var/lib/dpkg/status', content: `${stanzas.join('\n\n')}\n` }
}

/** The files by which Alpine tells its release (`3.20.1`). */
export function alpineRelease(release: string): FixtureEntry[] {
  return [
    { path: 'etc/os-release', content: `ID=alpine\nVERSION_ID=${release}\n` },
    { path: 'etc/alpine-release', content: `${release}\n` },
  ]
}

/** apk's list of installed packages; `source` is the origin. */
export function apkInstalled(packages: readonly FixturePackage[]): FixtureEntry {
  const records = packages.map(({ name, version, source, arch = 'x86_64' }) =>
    [`P:${name}`, `V:${version}`, `A:${arch}`, ...(source ? [`o:${source}`] : [])].join('\n'),
  )
  return { path: 'lib/apk/db/installed', content: `${records.join('\n\n')}\n\n` }
}

/** A package of npm below `folder`. */
export function nodePackage(name: string, version: string, folder = 'app'): FixtureEntry {
  return { path: `${folder}/node_modules/${name}/package.json`, content: JSON.stringify({ name, version }) }
}

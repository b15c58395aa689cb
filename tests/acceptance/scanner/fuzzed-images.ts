import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AdvisedPackage } from './advisories.ts'
import { proxiedGoLayer } from './go-proxy.ts'
import type { TestImage } from './images.ts'
import { type LayerContent, writeFiles, writeLayeredImage } from './layered-image.ts'
import type { Randomness } from './randomness.ts'
import { type System, systemLayer, systems } from './systems.ts'
import { mutated } from './versions.ts'

/** Packages of one database bucket that are put into one image. */
const mostPackages = 400

const formats = { dpkg: 'deb', apk: 'apk', rpm: 'rpm' } as const

/** For each system, an image of packages that have advisories, in versions near those of the fix. */
export async function systemImages(
  folder: string,
  advised: (bucket: string) => readonly AdvisedPackage[],
  random: Randomness,
): Promise<readonly TestImage[]> {
  mkdirSync(folder)
  const images: TestImage[] = []
  for (const system of systems) {
    const packages = fuzzedPackages(system, advised(system.bucket), random)
    const layout = join(folder, `${system.name}-image`)
    await writeLayeredImage(layout, [await systemLayer(folder, system, packages)])
    images.push({ name: system.name, layout })
  }
  return images
}

function fuzzedPackages({ database }: System, advised: readonly AdvisedPackage[], random: Randomness) {
  const times = Math.max(1, Math.min(12, Math.floor(mostPackages / Math.max(advised.length, 1))))
  return advised.slice(0, mostPackages).flatMap(({ name, versions }) => {
    const version = () => mutated(formats[database], versions.length > 0 ? versions : ['1.0-1'], random)
    const fuzzed = Array.from({ length: times }, version)
    // rpm matches by the binary's name, the others by the source's.
    if (database === 'rpm') return [...new Set(fuzzed)].map((one) => ({ name, version: one }))
    return fuzzed.map((one, index) => ({
      name: `${name}-${index}`,
      version: '1.0-1',
      sourceName: name,
      ...(database === 'dpkg' ? { sourceVersion: one } : { version: one }),
    }))
  })
}

const ecosystems = { npm: 'npm', pip: 'pip', rubygems: 'gem' } as const

/** What is in every image, so that `accepted.ts` can be true whatever the fuzzing brings. */
const knownCases = [
  ['npm', 'electron', '3.0.0-beta.1'],
  ['npm', 'mysql', 'v2.0.0-alpha8'],
  ['pip', 'sleekxmpp', '1.3'],
] as const

/** An image of language packages that have advisories, in versions near those of the ranges. */
export async function languageImage(
  folder: string,
  advised: (ecosystem: string) => readonly AdvisedPackage[],
  random: Randomness,
): Promise<TestImage> {
  const root = join(folder, 'languages')
  for (const [ecosystem, format] of Object.entries(ecosystems) as [keyof typeof ecosystems, 'npm' | 'pip' | 'gem'][]) {
    const packages = advised(ecosystem).filter(({ versions }) => versions.length > 0)
    for (const [index, { name, versions }] of packages.entries()) {
      for (let copy = 0; copy < 3; copy++) {
        const version = mutated(format, versions, random)
        writeFiles(root, metadataOf[format](`srv/${index}-${copy}`, name, version))
      }
    }
  }
  for (const [format, name, version] of knownCases) writeFiles(root, metadataOf[format]('srv/known', name, version))
  const layout = join(folder, 'languages-image')
  const layer: LayerContent = { from: root, compression: 'zstd' }
  await writeLayeredImage(layout, [layer])
  return { name: 'languages-fuzzed', layout }
}

const metadataOf: Readonly<
  Record<'npm' | 'pip' | 'gem', (place: string, name: string, version: string) => Record<string, string>>
> = {
  npm: (place, name, version) => ({
    [`${place}/node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
  }),
  pip: (place, name, version) => ({
    [`${place}/${name}-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  }),
  gem: (place, name, version) => ({
    [`${place}/specifications/${name}-${version}.gemspec`]: [
      'Gem::Specification.new do |s|',
      `  s.name = "${name}".freeze`,
      `  s.version = "${version}"`,
      'end',
      '',
    ].join('\n'),
  }),
}

const mostModules = 300
const canonical = /^v(\d+)\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+incompatible)?$/

/** A Go program that is linked with modules that have advisories, in versions near those of the ranges. */
export async function goImage(
  folder: string,
  advised: readonly AdvisedPackage[],
  random: Randomness,
): Promise<TestImage> {
  const modules = advised.flatMap(({ name, versions }) => {
    const version = goVersion(name, versions, random)
    return version === undefined ? [] : [{ path: name, version }]
  })
  const chosen = modules.filter((_, index) => index % Math.ceil(modules.length / mostModules) === 0)
  const layout = join(folder, 'go-image')
  await writeLayeredImage(layout, [await proxiedGoLayer(join(folder, 'go'), chosen)])
  return { name: 'go-fuzzed', layout }
}

/** A version that the go command takes for a module of this path; undefined where mutation finds none. */
function goVersion(path: string, versions: readonly string[], random: Randomness): string | undefined {
  // Paths that go build itself knows, or that are no paths of modules.
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+\/[\w./-]+$/i.test(path) || path.startsWith('gopkg.in/')) return undefined
  const wanted = Number(/\/v(\d+)$/.exec(path)?.[1] ?? 1)
  const known = versions.map((version) => (version.startsWith('v') ? version : `v${version}`))
  for (let attempt = 0; attempt < 20 && known.length > 0; attempt++) {
    const version = mutated('go', known, random)
    const [, major, , incompatible] = canonical.exec(version) ?? []
    if (major === undefined) continue
    const fits = wanted > 1 ? Number(major) === wanted && !incompatible : Number(major) <= 1 !== Boolean(incompatible)
    if (fits) return version
  }
  return undefined
}

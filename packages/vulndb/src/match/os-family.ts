import type { ImageInventory, OperatingSystem, Package } from '@breakwater/inventory'
import type { OsRule } from './model.ts'

/** What of an image decides which advisories hold for its distribution's packages. */
export type DistributionFacts = Pick<ImageInventory, 'os' | 'repositoryRelease'>

/** How a distribution's packages are looked up and compared. */
export interface OsFamily {
  readonly rule: OsRule
  /** Undefined for a release that has no bucket's name. */
  bucket(os: OperatingSystem, repositoryRelease: string | undefined): string | undefined
  /** Whether advisories name source or binary packages; modular ones with their stream. */
  readonly namedBy: 'source' | 'binary' | 'modular'
  /** Which version is compared. */
  readonly comparedBy: 'source' | 'binary'
}

const debian: OsFamily = {
  rule: 'debian',
  bucket: ({ name }) => titled('debian', major(name)),
  namedBy: 'source',
  comparedBy: 'source',
}

const rolling = (bucket: string): OsFamily => ({
  rule: 'apk',
  bucket: () => bucket,
  namedBy: 'source',
  comparedBy: 'binary',
})

const rpm = (title: string, release: (name: string) => string | undefined, more: Partial<OsFamily> = {}): OsFamily => ({
  rule: 'rpm',
  bucket: ({ name }) => titled(title, release(name)),
  namedBy: 'binary',
  comparedBy: 'binary',
  ...more,
})

const azure = (title: string): OsFamily => rpm(title, minor, { rule: 'azure', namedBy: 'source', comparedBy: 'source' })

/** By trivy's names of families. Red Hat and CentOS are missing: theirs need the content sets of each layer. */
const families: ReadonlyMap<string, OsFamily> = new Map([
  ['debian', debian],
  ['ubuntu', { ...debian, rule: 'ubuntu', bucket: (os) => titled('ubuntu', ubuntuRelease(os)) }],
  [
    'alpine',
    {
      ...debian,
      rule: 'alpine',
      // What the repositories say holds, where they differ from the release file.
      bucket: ({ name }, repositoryRelease) => titled('alpine', minor(repositoryRelease || name)),
    },
  ],
  ['wolfi', rolling('wolfi')],
  ['chainguard', rolling('chainguard')],
  ['alma', rpm('alma', major, { namedBy: 'modular' })],
  ['rocky', rpm('rocky', major, { rule: 'rpm-arches', namedBy: 'modular' })],
  ['oracle', rpm('Oracle Linux', major, { rule: 'oracle' })],
  ['amazon', rpm('amazon linux', amazonRelease, { rule: 'amazon' })],
  ['photon', rpm('Photon OS', whole, { namedBy: 'source' })],
  ['azurelinux', azure('Azure Linux')],
  ['cbl-mariner', azure('CBL-Mariner')],
  ['sles', rpm('SUSE Linux Enterprise', whole)],
  ['suse linux enterprise server', rpm('SUSE Linux Enterprise', whole)],
  ['slem', rpm('SUSE Linux Enterprise Micro', whole)],
  ['suse linux enterprise micro', rpm('SUSE Linux Enterprise Micro', whole)],
  ['opensuse-leap', rpm('openSUSE Leap', whole)],
  ['opensuse-tumbleweed', rpm('openSUSE', () => 'Tumbleweed')],
])

/** Undefined for a family that is not matched. */
export function familyOf(os: OperatingSystem): OsFamily | undefined {
  return families.get(os.family)
}

/** Whether a package is of the image's distribution, by its type. */
export function isOsPackage(one: Package, os: OperatingSystem | undefined): boolean {
  return os !== undefined && one.type === os.family
}

function titled(title: string, release: string | undefined): string | undefined {
  return release === undefined || release === '' ? undefined : `${title} ${release}`
}

function whole(name: string): string {
  return name
}

function major(name: string): string {
  return name.split('.', 1)[0] ?? ''
}

/** `3.20.1` → `3.20`; `edge` stays. */
function minor(name: string): string {
  return name.split('.').slice(0, 2).join('.')
}

/** `2 (Karoo)`, `2023.6.20241010`; all others are Amazon Linux 1 (`2018.03`). */
function amazonRelease(name: string): string | undefined {
  const first = name.trim().split(/\s+/)[0] ?? ''
  if (first === '') return undefined
  return ['2', '2022', '2023'].includes(major(first)) ? major(first) : '1'
}

/** Releases whose advisories are kept apart for those with extended support, since the others' support has ended. */
const extendedReleases = new Set(['12.04', '14.04', '16.04', '18.04', '20.04'])

function ubuntuRelease({ name, extended }: OperatingSystem): string {
  return extended === true && extendedReleases.has(name) ? `${name}-ESM` : name
}

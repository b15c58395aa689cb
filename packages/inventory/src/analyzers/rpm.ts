import type { FoundPackage } from '../layer-inventory.ts'
import type { Analyzer } from './analyzer.ts'
import { type RpmHeader, readRpmHeader } from './rpm-header.ts'
import { readTable } from './sqlite.ts'

/** Vendors of distributions; the advisories of a distribution do not speak of what others built. */
const distributors = [
  'AlmaLinux',
  'Amazon',
  'CentOS',
  'CloudLinux',
  'Fedora Project',
  'Microsoft Corporation',
  'openSUSE',
  'Oracle America',
  'Red Hat',
  'Rocky',
  'SUSE',
  'VMware',
]

const isForeign = ({ vendor }: RpmHeader) => vendor !== '' && !distributors.some((name) => vendor.startsWith(name))

/** `rpmdb.sqlite`: one header a row. */
export const rpmDatabase: Analyzer = {
  limit: 64 << 20,
  read(content) {
    let partial: string | undefined
    /** Each `take` walks the file anew: twice the work, and no list of all files in memory. */
    function* each<T>(take: (header: RpmHeader) => Iterable<T>): Generator<T> {
      try {
        for (const row of readTable(content, 'Packages')) {
          const blob = row.find((value) => Buffer.isBuffer(value))
          const header = blob && readRpmHeader(blob)
          if (header && header.name !== 'gpg-pubkey') yield* take(header)
        }
      } catch (error) {
        partial = `the rpm database can't be read: ${error instanceof Error ? error.message : String(error)}`
      }
    }
    return {
      database: { kind: 'rpm', packages: each((header) => [packageOf(header)]) },
      owned: each((header) => (isForeign(header) ? [] : header.files())),
      get partial() {
        return partial
      },
    }
  },
}

function packageOf(header: RpmHeader): FoundPackage {
  const epoch = header.epoch ? `${header.epoch}:` : ''
  const version = `${epoch}${header.version}-${header.release}`
  const source = /^(.+)-([^-]+)-([^-]+)\.(?:no)?src\.rpm$/.exec(header.sourceRpm)
  return {
    name: header.name,
    version,
    ...(header.arch ? { arch: header.arch } : {}),
    sourceName: source?.[1] ?? header.name,
    sourceVersion: source ? `${epoch}${source[2]}-${source[3]}` : version,
    ...(header.modularity ? { modularity: header.modularity } : {}),
    ...(isForeign(header) ? { thirdParty: true } : {}),
  }
}

import type { FoundPackage } from '../layer-inventory.ts'
import type { Analyzer } from './analyzer.ts'
import { readRpmHeader } from './rpm-header.ts'
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

/** `rpmdb.sqlite`: one header a row. */
export const rpmDatabase: Analyzer = {
  limit: 64 << 20,
  read(content) {
    const packages: FoundPackage[] = []
    const owned: string[] = []
    let partial: string | undefined
    try {
      for (const row of readTable(content, 'Packages')) {
        const header = row.find((value) => Buffer.isBuffer(value))
        if (!header) continue
        const found = readRpmHeader(header)
        if (found.name === 'gpg-pubkey') continue
        const foreign = found.vendor !== '' && !distributors.some((name) => found.vendor.startsWith(name))
        if (!foreign) owned.push(...found.files)
        packages.push({ ...packageOf(found), ...(foreign ? { thirdParty: true } : {}) })
      }
    } catch (error) {
      partial = `the rpm database can't be read: ${error instanceof Error ? error.message : String(error)}`
    }
    return { database: { kind: 'rpm', packages }, owned, ...(partial === undefined ? {} : { partial }) }
  },
}

function packageOf(header: ReturnType<typeof readRpmHeader>): FoundPackage {
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
  }
}

import type { FoundPackage } from '../layer-inventory.ts'
import type { Analyzer } from './analyzer.ts'

/** Mail domains of vendors whose packages the distribution's advisories do not speak of. */
const thirdParty =
  /@(?:[\w-]+\.)*(?:docker|nodesource|nvidia|microsoft|hashicorp|grafana|elastic|mongodb)\.(?:com|co)>/i

/** `var/lib/dpkg/status` and the files of `status.d` (deb822). */
export const dpkgStatus: Analyzer = {
  limit: 16 << 20,
  read(content) {
    const packages = content
      .toString('utf8')
      .split(/\r?\n[ \t]*\r?\n/)
      .flatMap((stanza) => packageOf(stanza) ?? [])
    return { database: { kind: 'dpkg', packages } }
  },
}

function packageOf(stanza: string): FoundPackage | undefined {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(stanza)?.[1]?.trim() ?? ''
  const name = field('Package')
  const version = field('Version')
  // A stanza without a Status counts: those of status.d have none.
  if (!name || !version || /\b(?:deinstall|purge)\b/.test(field('Status'))) return undefined
  const source = /^(\S+)(?:\s+\((.+)\))?$/.exec(field('Source'))
  const arch = field('Architecture')
  return {
    name,
    version,
    ...(arch ? { arch } : {}),
    sourceName: source?.[1] ?? name,
    sourceVersion: source?.[2]?.trim() ?? version,
    ...(thirdParty.test(field('Maintainer')) ? { thirdParty: true } : {}),
  }
}

/** `var/lib/dpkg/info/*.md5sums`: the files that a package brought. */
export const dpkgFiles: Analyzer = {
  limit: 16 << 20,
  read(content) {
    const owned = content
      .toString('utf8')
      .split('\n')
      .flatMap((line) => /^[0-9a-f]{32} [ *](.+)$/.exec(line)?.[1] ?? [])
    return { owned }
  },
}

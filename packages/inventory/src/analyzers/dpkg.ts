import type { FoundPackage } from '../layer-inventory.ts'
import type { Analyzer } from './analyzer.ts'
import { linesOf } from './lines.ts'

/** Mail domains of vendors whose packages the distribution's advisories do not speak of. */
const thirdParty =
  /@(?:[\w-]+\.)*(?:docker|nodesource|nvidia|microsoft|hashicorp|grafana|elastic|mongodb)\.(?:com|co)>/i

/** `var/lib/dpkg/status` and the files of `status.d` (deb822). */
export const dpkgStatus: Analyzer = {
  limit: 16 << 20,
  read: (content) => ({ database: { kind: 'dpkg', packages: packagesOf(content) } }),
}

const fields = /^(package|version|status|source|architecture|maintainer):[ \t]*(.*)$/i

function* packagesOf(content: Buffer): Generator<FoundPackage> {
  let stanza = new Map<string, string>()
  for (const line of linesOf(content)) {
    const [, name = '', value = ''] = fields.exec(line) ?? []
    if (name && !stanza.has(name.toLowerCase())) stanza.set(name.toLowerCase(), value.trim())
    if (line.trim() !== '') continue
    yield* packageOf(stanza)
    stanza = new Map()
  }
  yield* packageOf(stanza)
}

function packageOf(stanza: ReadonlyMap<string, string>): FoundPackage[] {
  const field = (name: string) => stanza.get(name) ?? ''
  const name = field('package')
  const version = field('version')
  // A stanza without a Status counts: those of status.d have none.
  if (!name || !version || /\b(?:deinstall|purge)\b/.test(field('status'))) return []
  const source = /^(\S+)(?:\s+\((.+)\))?$/.exec(field('source'))
  const arch = field('architecture')
  const found = {
    name,
    version,
    ...(arch ? { arch } : {}),
    sourceName: source?.[1] ?? name,
    sourceVersion: source?.[2]?.trim() ?? version,
    ...(thirdParty.test(field('maintainer')) ? { thirdParty: true } : {}),
  }
  return [found]
}

/** `var/lib/dpkg/info/*.md5sums`: the files that a package brought. */
export const dpkgFiles: Analyzer = {
  limit: 16 << 20,
  read: (content) => ({ owned: filesOf(content) }),
}

function* filesOf(content: Buffer): Generator<string> {
  for (const line of linesOf(content)) {
    const file = /^[0-9a-f]{32} [ *](.+)$/.exec(line)?.[1]
    if (file) yield file
  }
}

import type { FoundPackage } from '../layer-inventory.ts'
import type { Analyzer } from './analyzer.ts'
import { linesOf } from './lines.ts'

/** `lib/apk/db/installed`: records of one-letter fields, an empty line between them. */
export const apkInstalled: Analyzer = {
  limit: 16 << 20,
  read: (content) => ({ database: { kind: 'apk', packages: packagesOf(content) }, owned: filesOf(content) }),
}

function* packagesOf(content: Buffer): Generator<FoundPackage> {
  let fields = new Map<string, string>()
  for (const line of linesOf(content)) {
    if (line === '') {
      yield* packageOf(fields)
      fields = new Map()
    } else if (line[1] === ':') fields.set(line.slice(0, 1), line.slice(2))
  }
  yield* packageOf(fields)
}

function packageOf(fields: ReadonlyMap<string, string>): FoundPackage[] {
  const name = fields.get('P')
  const version = fields.get('V')
  const arch = fields.get('A')
  if (!name || !version) return []
  return [{ name, version, ...(arch ? { arch } : {}), sourceName: fields.get('o') || name, sourceVersion: version }]
}

function* filesOf(content: Buffer): Generator<string> {
  let folder = ''
  for (const line of linesOf(content)) {
    if (line === '') folder = ''
    else if (line.startsWith('F:')) folder = line.slice(2)
    else if (line.startsWith('R:')) yield folder ? `${folder}/${line.slice(2)}` : line.slice(2)
  }
}

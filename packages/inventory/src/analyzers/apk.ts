import type { FoundPackage } from '../layer-inventory.ts'
import type { Analyzer } from './analyzer.ts'

/** `lib/apk/db/installed`: records of one-letter fields, an empty line between them. */
export const apkInstalled: Analyzer = {
  limit: 8 << 20,
  read(content) {
    const packages: FoundPackage[] = []
    const owned: string[] = []
    for (const record of content.toString('utf8').split(/\r?\n\r?\n/)) {
      const fields = new Map<string, string>()
      let folder = ''
      for (const line of record.split(/\r?\n/)) {
        const value = line.slice(2)
        if (line.startsWith('F:')) folder = value
        else if (line.startsWith('R:')) owned.push(folder ? `${folder}/${value}` : value)
        else if (line[1] === ':') fields.set(line[0] ?? '', value)
      }
      const name = fields.get('P')
      const version = fields.get('V')
      if (!name || !version) continue
      const arch = fields.get('A')
      const source = { sourceName: fields.get('o') || name, sourceVersion: version }
      packages.push({ name, version, ...(arch ? { arch } : {}), ...source })
    }
    return { database: { kind: 'apk', packages }, owned }
  },
}

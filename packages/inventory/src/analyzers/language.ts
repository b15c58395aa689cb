import type { Analyzer, Facts } from './analyzer.ts'
import { linesOf } from './lines.ts'

/** `package.json`: counts with a name and a version, wherever it lies. */
export const nodePackage: Analyzer = {
  limit: 2 << 20,
  read(content) {
    let value: unknown
    try {
      value = JSON.parse(content.toString('utf8').replace(/^\uFEFF/, ''))
    } catch {
      // Node can't read it either; packages ship such files to test with.
      return {}
    }
    if (typeof value !== 'object' || value === null) return {}
    const { name, version } = value as { name?: unknown; version?: unknown }
    if (typeof name !== 'string' || typeof version !== 'string' || name === '' || version === '') return {}
    return one('node-pkg', name, version)
  },
}

/** `METADATA` and `PKG-INFO`: headers as in mail (core metadata specification); the body is prose. */
export const pythonMetadata: Analyzer = {
  limit: 4 << 20,
  read(content) {
    const fields = new Map<string, string>()
    for (const line of linesOf(content)) {
      if (line === '') break
      const [, field = '', value = ''] = /^(name|version):(.+)$/i.exec(line) ?? []
      if (field && !fields.has(field.toLowerCase())) fields.set(field.toLowerCase(), value.trim())
    }
    const name = fields.get('name')
    const version = fields.get('version')
    return name && version ? one('python-pkg', name, version) : {}
  },
}

/** `specifications/NAME-VERSION.gemspec`: Ruby, of which two assignments matter. */
export const gemspec: Analyzer = {
  limit: 1 << 20,
  read(content) {
    const text = content.toString('utf8')
    const name = assignedIn(text, 'name')
    const version = assignedIn(text, 'version')
    return name && version ? one('gemspec', name, version) : {}
  },
}

/** Spaces are counted, so that no text makes the search slow. */
function assignedIn(text: string, field: 'name' | 'version'): string | undefined {
  const value = '(?:Gem::Version\\.new\\s{0,20}\\(?\\s{0,20})?["\']([^"\']{1,1000})["\']'
  return new RegExp(`\\.${field}\\s{0,200}=\\s{0,200}${value}`).exec(text)?.[1]
}

function one(type: 'node-pkg' | 'python-pkg' | 'gemspec', name: string, version: string): Facts {
  return { application: { type, packages: [{ name, version }] } }
}

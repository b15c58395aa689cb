import type { Analyzer, Facts } from './analyzer.ts'

/** `package.json`: counts with a name and a version, wherever it lies. */
export const nodePackage: Analyzer = {
  limit: 4 << 20,
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
    const head = content.toString('utf8').split(/\r?\n\r?\n/, 1)[0] ?? ''
    const name = /^Name:[ \t]*(.+)$/im.exec(head)?.[1]?.trim()
    const version = /^Version:[ \t]*(.+)$/im.exec(head)?.[1]?.trim()
    return name && version ? one('python-pkg', name, version) : {}
  },
}

/** `specifications/NAME-VERSION.gemspec`: Ruby, of which two assignments matter. */
export const gemspec: Analyzer = {
  limit: 4 << 20,
  read(content) {
    const text = content.toString('utf8')
    const assigned = (field: string) =>
      new RegExp(`\\.${field}\\s*=\\s*(?:Gem::Version\\.new\\s*\\(?\\s*)?["']([^"']+)["']`).exec(text)?.[1]
    const name = assigned('name')
    const version = assigned('version')
    return name && version ? one('gemspec', name, version) : {}
  },
}

function one(type: 'node-pkg' | 'python-pkg' | 'gemspec', name: string, version: string): Facts {
  return { application: { type, packages: [{ name, version }] } }
}

import type { OperatingSystem, Package } from './model.ts'

const language: Readonly<Record<string, string>> = {
  'node-pkg': 'npm',
  'python-pkg': 'pypi',
  gemspec: 'gem',
  gobinary: 'golang',
}

/** Families that share a vendor's namespace. */
const namespaces: Readonly<Record<string, string>> = {
  sles: 'suse',
  slem: 'suse',
  'opensuse-leap': 'opensuse',
  'opensuse-tumbleweed': 'opensuse',
}

/** Package URL of a package (purl-spec), with the qualifiers that tell a distribution's packages apart. */
export function purlOf(one: Omit<Package, 'purl' | 'layer'>, kind: string, os: OperatingSystem | undefined): string {
  const type = language[one.type]
  if (type) {
    const name = type === 'pypi' ? one.name.toLowerCase().replaceAll('_', '-') : one.name
    const version = one.version ? `@${percentEncode(one.version)}` : ''
    const path = name
      .replace(/^\/+|\/+$/g, '')
      .split('/')
      .map(percentEncode)
      .join('/')
    return `pkg:${type}/${type === 'golang' ? path.toLowerCase() : path}${version}`
  }
  const [, epoch, version = one.version] = /^(\d+):(.*)$/.exec(one.version) ?? []
  const family = os?.family ?? ''
  const distro = os ? (kind === 'apk' ? os.name : `${family}-${os.name}`) : ''
  const qualifiers = Object.entries({ arch: one.arch, distro, epoch, modularitylabel: one.modularity })
    .filter(([, value]) => value)
    .map(([key, value]) => `${key}=${percentEncode(value ?? '')}`)
  const scheme = { dpkg: 'deb', apk: 'apk', rpm: 'rpm' }[kind] ?? kind
  const namespace = family ? `${percentEncode(namespaces[family] ?? family)}/` : ''
  return `pkg:${scheme}/${namespace}${percentEncode(one.name)}@${percentEncode(version)}${qualifiers.length > 0 ? `?${qualifiers.join('&')}` : ''}`
}

function percentEncode(text: string): string {
  const bracketed = encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return bracketed.replaceAll('%3A', ':')
}

import { RegistryError } from '@breakwater/oci'

const flags = [
  'public',
  'enable_content_trust',
  'enable_content_trust_cosign',
  'prevent_vul',
  'auto_scan',
  'auto_sbom_generation',
  'reuse_sys_cve_allowlist',
  'proxy_cache_local_on_not_found',
]
const numbers = ['retention_id', 'proxy_speed_kb', 'max_upstream_conn']
const severities = ['none', 'low', 'medium', 'high', 'critical']

/** Project metadata as stored: a flag as `true` or `false`. Throws BAD_REQUEST with Harbor's sentences. */
export function checkMetadata(key: string, value: string): string {
  const invalid = () => new RegistryError('BAD_REQUEST', `invalid value: ${value}`)
  if (flags.includes(key)) {
    if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return 'true'
    if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return 'false'
    throw invalid()
  }
  if (key === 'severity') {
    if (!severities.includes(value.toLowerCase())) throw invalid()
    return value.toLowerCase()
  }
  if (numbers.includes(key)) {
    if (!/^-?\d{1,9}$/.test(value)) throw invalid()
    return value
  }
  throw new RegistryError('BAD_REQUEST', `invalid key: ${key}`)
}

/** The known keys of a project's body, checked; what was not given is absent. */
export function checkMetadataOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const known = Object.entries(given).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && [...flags, ...numbers, 'severity'].includes(entry[0]),
  )
  return Object.fromEntries(known.map(([key, value]) => [key, checkMetadata(key, value)]))
}

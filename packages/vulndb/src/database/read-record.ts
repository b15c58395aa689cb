import { limits } from '../limits.ts'
import { asArray, asIndex, asMembers, asNumber, asText, asTexts, type Field, parseJson } from './field.ts'
import {
  type Advisory,
  type AdvisoryEntry,
  type Cvss,
  type DataSource,
  severities,
  type Vulnerability,
} from './record.ts'

type Readers<T> = { readonly [K in keyof T]-?: (field: Field) => NonNullable<T[K]> }

/** Statuses to come are kept; matching takes those that it does not know for `unknown`. */
const asStatus = (field: Field) => asIndex(field, 255)
const asSeverity = (field: Field) => asIndex(field, severities.length - 1)

const entryReaders: Readers<AdvisoryEntry> = {
  FixedVersion: asText,
  Severity: asSeverity,
  Status: asStatus,
  VendorIDs: asTexts,
  Arches: asTexts,
  Cves: (field) => asArray(field, (item) => readMembers(item, { ID: asText, Severity: asSeverity })),
  Affected: (field) => asArray(field, (item) => asIndex(item)),
}

const advisoryReaders: Readers<Advisory> = {
  FixedVersion: asText,
  AffectedVersion: asText,
  Severity: asSeverity,
  Status: asStatus,
  VendorIDs: asTexts,
  Arches: asTexts,
  VulnerableVersions: asTexts,
  PatchedVersions: asTexts,
  UnaffectedVersions: asTexts,
  Entries: (field) => asArray(field, (item) => readMembers(item, entryReaders)),
  Affected: (field) => asArray(field, (item) => asIndex(item)),
  Cpe: asText,
}

const cvssReaders: Readers<Cvss> = {
  V2Vector: asText,
  V3Vector: asText,
  V40Vector: asText,
  V2Score: asNumber,
  V3Score: asNumber,
  V40Score: asNumber,
}

const vulnerabilityReaders: Readers<Vulnerability> = {
  Title: asText,
  Description: asText,
  Severity: asText,
  CweIDs: asTexts,
  VendorSeverity: (field) => readTable(field, asSeverity),
  CVSS: (field) => readTable(field, (item) => readMembers(item, cvssReaders)),
  References: asTexts,
  PublishedDate: asText,
  LastModifiedDate: asText,
}

const dataSourceReaders: Readers<DataSource> = { ID: asText, Name: asText, URL: asText, BaseID: asText }

/** Throws VulndbError `content`, as all here. */
export function readAdvisory(field: Field): Advisory {
  return readMembers(field, advisoryReaders)
}

export function readVulnerability(field: Field): Vulnerability {
  return readMembers(field, vulnerabilityReaders)
}

export function readDataSource(field: Field): DataSource {
  return readMembers(field, dataSourceReaders)
}

/** A record of `Red Hat CPE`: a list of indices, or the CPE that an index stands for, which is no JSON. */
export function readCpeRecord(bytes: Buffer, place: string): Advisory {
  const text = bytes.subarray(0, limits.keyBytes).toString('utf8')
  if (text.startsWith('cpe:')) return { Cpe: asText({ value: text, place }) }
  return { Affected: asArray(parseJson(bytes, place), (item) => asIndex(item)) }
}

/** Known members only, null for absent. Keys count in any case, since Go's decoder wrote and reads them so. */
function readMembers<T extends object>(field: Field, readers: Readers<T>): T {
  const members = asMembers(field)
  if (members.size === 0) return {} as T
  const found = new Map<string, unknown>()
  const names = namesOf(readers)
  for (const [key, member] of members) {
    const name = names.get(key) ?? names.get(key.toLowerCase())
    if (name === undefined || member.value === null) continue
    found.set(name, (readers[name as keyof T] as (field: Field) => unknown)(member))
  }
  return Object.fromEntries(found) as T
}

const knownNames = new WeakMap<object, ReadonlyMap<string, string>>()

/** Names by themselves and in lower case. */
function namesOf(readers: object): ReadonlyMap<string, string> {
  const known = knownNames.get(readers)
  if (known !== undefined) return known
  const names = new Map(
    Object.keys(readers).flatMap((name) => [[name, name] as const, [name.toLowerCase(), name] as const]),
  )
  knownNames.set(readers, names)
  return names
}

/** An object whose keys are data. */
function readTable<T>(field: Field, read: (item: Field) => T): Record<string, T> {
  return Object.fromEntries(
    [...asMembers(field)].map(([key, member]) => [asText({ value: key, place: key }), read(member)]),
  )
}

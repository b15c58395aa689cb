import type { Advisory, AdvisoryEntry } from '../database/record.ts'
import { type ApkVersion, compareApk, parseApk } from '../version/apk.ts'
import { compareDeb, type DebVersion, parseDeb } from '../version/deb.ts'
import { compareRpm, formatRpm, parseRpm, type RpmVersion } from '../version/rpm.ts'
import type { OsRule, Question } from './model.ts'

/** What an advisory says of the version in question, when it has the vulnerability. */
export interface Hit {
  readonly fixedVersion: string
  readonly vendorIds: readonly string[]
  /** An index into `severities`, where the advisory's word on it counts. */
  readonly severity: number
}

/** Judges one advisory; undefined where it does not hold. */
export type Judge = (advisory: Advisory) => Hit | undefined

type Said = Pick<AdvisoryEntry, 'FixedVersion' | 'VendorIDs' | 'Severity'>

/** The judge for a distribution's question; undefined where the version can't be read, so that nothing holds. */
export function osJudge(rule: OsRule, question: Question): Judge | undefined {
  switch (rule) {
    case 'debian':
    case 'ubuntu':
    case 'amazon':
      return debJudge(rule, parseDeb(question.version))
    case 'alpine':
    case 'apk':
      return apkJudge(rule, parseApk(question.version))
    case 'rpm':
      return rpmJudge(parseRpm(question.version))
    case 'azure':
      return azureJudge(parseRpm(question.version))
    case 'rpm-arches':
      return archesJudge(question)
    case 'oracle':
      return oracleJudge(question)
  }
}

/** Amazon's versions are compared as Debian's, as trivy does; its advisories always name a fix. */
function debJudge(rule: 'debian' | 'ubuntu' | 'amazon', version: DebVersion | undefined): Judge | undefined {
  if (version === undefined) return undefined
  return ({ FixedVersion = '', VendorIDs = [], Severity = 0 }) => {
    const said = { VendorIDs: rule === 'debian' ? VendorIDs : [], Severity: rule === 'debian' ? Severity : 0 }
    if (FixedVersion === '' && rule !== 'amazon') return hitOf(said)
    const fixed = parseDeb(FixedVersion)
    return fixed !== undefined && compareDeb(version, fixed) < 0 ? hitOf({ ...said, FixedVersion }) : undefined
  }
}

function apkJudge(rule: 'alpine' | 'apk', version: ApkVersion | undefined): Judge | undefined {
  if (version === undefined) return undefined
  return ({ FixedVersion = '', AffectedVersion = '' }) => {
    if (rule === 'alpine') {
      const affected = AffectedVersion === '' ? version : parseApk(AffectedVersion)
      if (affected === undefined || compareApk(affected, version) > 0) return undefined
      if (FixedVersion === '') return hitOf({})
    }
    const fixed = parseApk(FixedVersion)
    return fixed !== undefined && compareApk(version, fixed) < 0 ? hitOf({ FixedVersion }) : undefined
  }
}

function rpmJudge(version: RpmVersion): Judge {
  return (advisory) => (isBefore(version, advisory) ? hitOf({ FixedVersion: shownFix(advisory) }) : undefined)
}

function azureJudge(version: RpmVersion): Judge {
  return (advisory) => {
    if ((advisory.FixedVersion ?? '') === '') return hitOf({})
    return isBefore(version, advisory) ? hitOf({ FixedVersion: shownFix(advisory) }) : undefined
  }
}

/** Rocky: of the entries for the architecture, the one whose fix comes last as text, as trivy keeps it. */
function archesJudge({ version, arch }: Question): Judge {
  const installed = parseRpm(version)
  return (advisory) => {
    const hits = entriesFor(advisory, arch)
      .filter((entry) => isBefore(installed, entry))
      .map((entry) => hitOf({ VendorIDs: entry.VendorIDs ?? [], FixedVersion: shownFix(entry) }))
    return hits.reduce<Hit | undefined>(
      (kept, hit) => (kept === undefined || kept.fixedVersion < hit.fixedVersion ? hit : kept),
      undefined,
    )
  }
}

/** Oracle: only fixes of the package's flavor; of several the newest, with the IDs of all. */
function oracleJudge({ version, arch }: Question): Judge {
  const installed = parseRpm(version)
  const flavor = oracleFlavor(version)
  return (advisory) => {
    const entries = entriesFor(advisory, arch).filter(({ FixedVersion = '' }) => {
      if (oracleFlavor(FixedVersion) !== flavor) return false
      return FixedVersion === '' || isBefore(installed, { FixedVersion })
    })
    if (entries.length === 0) return undefined
    const fixes = entries.map(({ FixedVersion = '' }) => FixedVersion).filter((fix) => fix !== '')
    const newest = fixes.sort((a, b) => compareRpm(parseRpm(b), parseRpm(a)))[0]
    const ids = new Set(entries.flatMap(({ VendorIDs = [] }) => VendorIDs))
    return hitOf({ VendorIDs: [...ids], FixedVersion: newest === undefined ? '' : formatRpm(parseRpm(newest)) })
  }
}

function oracleFlavor(version: string): 'fips' | 'ksplice' | 'normal' {
  const text = version.toLowerCase()
  if (text.endsWith('_fips')) return 'fips'
  return text.split(/[.-]/).some((part) => part.startsWith('ksplice')) ? 'ksplice' : 'normal'
}

/** Old databases have no entries, and one fix for every architecture. */
function entriesFor({ Entries = [], FixedVersion = '' }: Advisory, arch: string): readonly Said[] {
  if (Entries.length === 0) return [{ FixedVersion }]
  return Entries.filter(({ Arches = [] }) => Arches.includes(arch))
}

function isBefore(version: RpmVersion, { FixedVersion = '' }: Said): boolean {
  return FixedVersion !== '' && compareRpm(version, parseRpm(FixedVersion)) < 0
}

function shownFix({ FixedVersion = '' }: Said): string {
  return formatRpm(parseRpm(FixedVersion))
}

function hitOf({ FixedVersion = '', VendorIDs = [], Severity = 0 }: Said): Hit {
  return { fixedVersion: FixedVersion, vendorIds: VendorIDs, severity: Severity }
}

import type { Package } from '@breakwater/inventory'
import { ecosystemOf } from './ecosystem.ts'
import type { OsRule, Question } from './model.ts'
import { type DistributionFacts, familyOf, isOsPackage } from './os-family.ts'

/** No version of anything is longer; a longer one is not worth comparing with every advisory. */
const mostCharacters = 512

/** Rules whose advisories differ by architecture. */
const byArch: ReadonlySet<OsRule> = new Set(['rpm-arches', 'oracle'])

/**
 * What is to be asked about a package of an image; undefined where nothing can be said: another vendor's package, none
 * that is known, or one without a version.
 */
export function questionOf(one: Package, facts: DistributionFacts): Question | undefined {
  if (one.version === '' || one.version.length > mostCharacters || one.name === '') return undefined
  return isOsPackage(one, facts.os) ? osQuestion(one, facts) : languageQuestion(one)
}

function osQuestion(one: Package, { os, repositoryRelease }: DistributionFacts): Question | undefined {
  // rpm's keys are listed as packages; what stands for their version is none.
  if (os === undefined || one.thirdParty === true || one.name === 'gpg-pubkey') return undefined
  const family = familyOf(os)
  const bucket = family?.bucket(os, repositoryRelease)
  if (family === undefined || bucket === undefined) return undefined
  const { rule, namedBy, comparedBy } = family
  // AlmaLinux: a modular package that does not say its stream can't be told from those of other streams.
  if (os.family === 'alma' && !one.modularity && one.version.includes('.module_el')) return undefined
  const source = { name: one.sourceName || one.name, version: one.sourceVersion || one.version }
  const named = { source: source.name, binary: one.name, modular: modularName(one) }
  return {
    bucket,
    name: named[namedBy],
    version: comparedBy === 'source' ? source.version : one.version,
    rule,
    arch: byArch.has(rule) ? (one.arch ?? '') : '',
  }
}

/** npm of `nodejs:12:8030020201124152102:229f0a1c` is `nodejs:12::npm`. */
function modularName({ name, modularity = '' }: Package): string {
  const [module, stream, ...rest] = modularity.split(':')
  return rest.length > 0 ? `${module}:${stream}::${name}` : name
}

function languageQuestion(one: Package): Question | undefined {
  const ecosystem = ecosystemOf(one.type)
  if (ecosystem === undefined || one.thirdParty === true) return undefined
  const { prefix, rule, spell } = ecosystem
  return { bucket: prefix, name: spell(one.name), version: one.version, rule, arch: '' }
}

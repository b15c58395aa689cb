import type { Advisory } from '../database/record.ts'
import { satisfiesGem } from '../version/gem.ts'
import { satisfiesGeneric } from '../version/generic.ts'
import { satisfiesMaven } from '../version/maven.ts'
import { satisfiesNpm } from '../version/npm.ts'
import { satisfiesPip } from '../version/pip.ts'
import type { LanguageRule } from './model.ts'
import type { Judge } from './os-rule.ts'

const satisfies: Readonly<Record<LanguageRule, (version: string, range: string) => boolean | undefined>> = {
  npm: satisfiesNpm,
  pip: satisfiesPip,
  gem: satisfiesGem,
  maven: satisfiesMaven,
  generic: satisfiesGeneric,
}

/** The judge for a language package: in the vulnerable ranges, where there are any, and in no patched or unaffected one. */
export function languageJudge(rule: LanguageRule, version: string): Judge {
  const isIn = (ranges: readonly string[]) => satisfies[rule](version, ranges.join(' || '))
  return (advisory) => {
    if (!isVulnerable(advisory, isIn)) return undefined
    return { fixedVersion: shownFixes(advisory), vendorIds: advisory.VendorIDs ?? [], severity: 0 }
  }
}

/** What can't be read answers undefined, and then nothing holds. */
function isVulnerable(
  { VulnerableVersions: vulnerable = [], PatchedVersions: patched = [], UnaffectedVersions: unaffected = [] }: Advisory,
  isIn: (ranges: readonly string[]) => boolean | undefined,
): boolean {
  if (vulnerable.includes('') || patched.includes('')) return true
  if (vulnerable.length > 0 && isIn(vulnerable) !== true) return false
  const secure = [...patched, ...unaffected]
  return secure.length === 0 ? vulnerable.length > 0 : isIn(secure) === false
}

/** The patched versions, or where none are named, each upper end of the vulnerable ranges that is outside them. */
function shownFixes({ PatchedVersions: patched = [], VulnerableVersions: vulnerable = [] }: Advisory): string {
  if (patched.length > 0) return [...new Set(patched)].join(', ')
  const ends = vulnerable
    .flatMap((range) => range.split(','))
    .map((bound) => bound.trim())
    .filter((bound) => bound.startsWith('<') && !bound.startsWith('<='))
    .map((bound) => bound.slice(1).trim())
  return [...new Set(ends)].join(', ')
}

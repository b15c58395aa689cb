import type { ImageInventory } from '@breakwater/inventory'
import { ecosystemOf } from './ecosystem.ts'
import { familyOf, isOsPackage } from './os-family.ts'

/**
 * Why packages were not matched, so that nothing found does not mean that nothing is wrong:
 * - `unsupported`: no rule for this distribution or kind of package
 * - `no-advisories`: the database has none for this release or ecosystem
 */
export type CoverageGap = 'unsupported' | 'no-advisories'

/** What of an image a database can't judge; `type` is a type of packages, or a distribution's family. */
export interface Uncovered {
  readonly type: string
  /** For a reader: `debian 14`, `npm`. */
  readonly what: string
  readonly gap: CoverageGap
}

/** What of an image's packages can't be judged by a database with these buckets, each type once. */
export function uncoveredOf(inventory: ImageInventory, buckets: Iterable<string>): Uncovered[] {
  const names = [...buckets]
  const { os } = inventory
  const types = new Set(inventory.packages.filter((one) => !isOsPackage(one, os)).map((one) => one.type))
  const languages = [...types].sort().flatMap((type) => uncoveredType(type, names))
  return [...uncoveredOs(inventory, names), ...languages]
}

function uncoveredOs({ os, repositoryRelease }: ImageInventory, buckets: readonly string[]): Uncovered[] {
  if (os === undefined) return []
  const { family, name } = os
  const what = `${family} ${name}`.trim()
  const found = familyOf(os)
  if (found === undefined) return [{ type: family, what, gap: 'unsupported' }]
  const bucket = found.bucket(os, repositoryRelease)
  return bucket !== undefined && buckets.includes(bucket) ? [] : [{ type: family, what, gap: 'no-advisories' }]
}

function uncoveredType(type: string, buckets: readonly string[]): Uncovered[] {
  const ecosystem = ecosystemOf(type)
  if (ecosystem === undefined) return [{ type, what: type, gap: 'unsupported' }]
  const known = buckets.some((bucket) => bucket.startsWith(ecosystem.prefix))
  return known ? [] : [{ type, what: type, gap: 'no-advisories' }]
}

import type { ImageInventory, Package } from '@breakwater/inventory'
import { severities } from '../database/record.ts'
import { answer } from './answer.ts'
import { detailOf } from './detail.ts'
import type { AdvisorySource, Finding } from './model.ts'
import { questionOf } from './question.ts'

/**
 * Every vulnerability of an image's packages by one database: each once for a package, version and file, by name,
 * version, severity from high to low, ID and path.
 */
export function matchInventory(inventory: ImageInventory, source: AdvisorySource): Finding[] {
  const findings = new Map<string, Finding>()
  for (const one of inventory.packages) {
    const question = questionOf(one, inventory)
    if (question === undefined) continue
    for (const match of answer(question, source)) {
      const key = JSON.stringify([match.id, one.type, one.name, one.version, one.path ?? '', one.purl])
      const kept = findings.get(key)
      if (kept !== undefined && kept.fixedVersion >= match.fixedVersion) continue
      findings.set(key, { ...match, ...detailOf(match, source), package: one })
    }
  }
  return [...findings.values()].sort(compareFindings)
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.package.name, b.package.name) ||
    compareText(a.package.version, b.package.version) ||
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    compareText(a.id, b.id) ||
    compareText(pathOf(a.package), pathOf(b.package))
  )
}

function pathOf({ path = '' }: Package): string {
  return path
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

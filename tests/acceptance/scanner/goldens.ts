import { deepStrictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scenario } from '../support/scenario.ts'
import { databaseArchive, databaseMissing, goldenFolder } from '../support/vulnerability-database.ts'
import { said, scanReport } from './breakwater-scan.ts'
import { compare, line } from './findings.ts'

const images = ['overlay-synth', 'debian11-synth', 'alpine310-synth', 'alma8-synth']

/** What trivy 0.74.0 found in four images, kept beside the checkout: `breakwater scan` finds the same, line by line. */
export const goldens: Scenario = {
  name: 'scanner/goldens',
  tools: [],
  needsRoot: false,
  unavailable: databaseMissing,
  async run({ folder, check, note }) {
    for (const image of images) {
      await check(image, async () => {
        const archive = join(goldenFolder, 'images', `${image}.oci.tar`)
        const { packages, findings } = said(await scanReport(archive, databaseArchive, join(folder, 'cache')))
        const kinds = { packages: { read: packageLine, ours: packages }, vulns: { read: findingLine, ours: findings } }
        for (const [kind, { read, ours }] of Object.entries(kinds)) {
          const { equal, different } = compare(golden(image, kind).map(read), ours)
          note(`${image} ${kind}: ${equal} exact, 0 accepted, ${different.length} missing or extra`)
          deepStrictEqual(different, [])
        }
      })
    }
  },
}

function golden(image: string, kind: string): readonly (readonly string[])[] {
  const text = readFileSync(join(goldenFolder, 'golden', `${image}.${kind}.tsv`), 'utf8')
  return text.split('\n').flatMap((row) => (row === '' ? [] : [row.split('\t')]))
}

/** The second column names the file where all packages of a target come from one. */
function packageLine([
  type,
  target,
  name,
  version,
  arch,
  source,
  sourceVersion,
  path,
  ...rest
]: readonly string[]): string {
  return line(type, name, version, arch, source, sourceVersion, path || target, ...rest)
}

function findingLine(columns: readonly string[]): string {
  return line(...columns)
}

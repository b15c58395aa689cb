import { deepStrictEqual } from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../support/command.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { databaseArchive, databaseMissing, goldenFolder } from '../support/vulnerability-database.ts'
import { readAdvisories } from './advisories.ts'
import { said, scanReport } from './breakwater-scan.ts'
import { goImage, languageImage, systemImages } from './fuzzed-images.ts'
import { realImages, type TestImage } from './images.ts'
import { createDifferenceJudge } from './judge-differences.ts'
import { createRandomness } from './randomness.ts'
import { createTrivy } from './trivy.ts'

const goldenImages = ['overlay-synth', 'debian11-synth', 'alpine310-synth', 'alma8-synth']

/** The same in every run, so that the list of accepted differences can be true. */
const seed = 20_261_125

/**
 * What `breakwater scan` finds beside what the real trivy finds, with one database: images that the tools of
 * distributions and languages have made here, and images of packages in versions near those of each fix. Every difference
 * is accepted with a reason, or a failure.
 */
export const againstTrivy: Scenario = {
  name: 'scanner/against-trivy',
  tools: ['trivy', 'crane', 'oras', 'mmdebstrap', 'npm', 'python3', 'gem', 'go', 'rpm', 'rpmbuild', 'tar'],
  needsRoot: true,
  unavailable: databaseMissing,
  async run(stage) {
    const { folder, check, note } = stage
    const trivy = await createTrivy(join(folder, 'trivy'), databaseArchive)
    const judge = createDifferenceJudge()
    const cache = join(folder, 'cache')
    for (const { name, layout } of await allImages(stage)) {
      await check(name, async () => {
        const report = await scanReport(layout, databaseArchive, cache)
        const counts = judge.judge(name, await trivy.scan(layout), said(report))
        const notRead = report.notCovered.map(({ type }) => type)
        deepStrictEqual(report.partial, [])
        note(notRead.length > 0 ? `${counts}; not covered: ${notRead.join(', ')}` : counts)
      })
    }
    await check('no accepted difference is out of date', () => {
      const unused = judge.unused().map(({ image, line }) => `${image} ${line}`)
      deepStrictEqual(unused, [])
    })
    const { images, packages, findings, accepted } = judge.tally()
    note(`${images} images: ${packages} packages and ${findings} findings exact, ${accepted} accepted differences`)
  },
}

async function allImages({ folder }: Stage): Promise<readonly TestImage[]> {
  const advisories = await readAdvisories(databaseArchive, join(folder, 'advisories'))
  const random = createRandomness(seed)
  const fuzzed = join(folder, 'fuzzed')
  const systems = await systemImages(fuzzed, advisories.bucket, random)
  return [
    ...(await shippedImages(folder)),
    ...(await realImages(join(folder, 'real'))),
    ...systems,
    await languageImage(fuzzed, advisories.ecosystem, random),
    await goImage(fuzzed, advisories.ecosystem('go'), random),
  ]
}

/** The images that come with the database; what trivy said of them once is checked in `goldens`. */
async function shippedImages(folder: string): Promise<readonly TestImage[]> {
  const images: TestImage[] = []
  for (const name of goldenImages) {
    const layout = join(folder, name)
    mkdirSync(layout)
    await outputOf('tar', ['-C', layout, '-xf', join(goldenFolder, 'images', `${name}.oci.tar`)])
    images.push({ name, layout })
  }
  return images
}

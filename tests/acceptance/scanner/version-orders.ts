import { join } from 'node:path'
import { compareDeb, parseDeb } from '../../../packages/vulndb/src/version/deb.ts'
import { compareRpm, parseRpm } from '../../../packages/vulndb/src/version/rpm.ts'
import type { Scenario } from '../support/scenario.ts'
import { databaseArchive, databaseMissing } from '../support/vulnerability-database.ts'
import { readAdvisories } from './advisories.ts'
import { createRandomness, type Randomness } from './randomness.ts'
import { dpkgOrders, type Pair, rpmOrders } from './reference-orders.ts'
import { mutated } from './versions.ts'

const pairsOfEach = 20_000
const mostShown = 10

const debian = ['debian 10', 'debian 11', 'debian 12', 'ubuntu 18.04']
const rpm = ['alma 8', 'alma 9', 'rocky 8', 'amazon linux 2', 'SUSE Linux Enterprise 15-SP3']

/** The orders of versions beside those of dpkg and rpm themselves: fixed versions of real advisories, changed a little. */
export const versionOrders: Scenario = {
  name: 'scanner/version-orders',
  tools: ['perl', 'rpm', 'tar'],
  needsRoot: false,
  unavailable: databaseMissing,
  async run({ folder, check, note }) {
    const advisories = await readAdvisories(databaseArchive, join(folder, 'advisories'))
    const versionsIn = (buckets: readonly string[]) =>
      buckets.flatMap((bucket) => advisories.bucket(bucket).flatMap(({ versions }) => versions))
    const seed = Math.floor(Math.random() * 2 ** 31)
    note(`seed ${seed}`)
    const random = createRandomness(seed)
    const sides = [
      { name: 'deb', versions: versionsIn(debian), reference: dpkgOrders, ours: debOrder },
      {
        name: 'rpm',
        versions: versionsIn(rpm),
        reference: (pairs: readonly Pair[]) => rpmOrders(folder, pairs),
        ours: rpmOrder,
      },
    ] as const
    for (const { name, versions, reference, ours } of sides) {
      await check(name, async () => {
        const pairs = pairsOf(name, versions, random)
        const expected = await reference(pairs)
        const wrong = pairs.filter(([a, b], index) => Math.sign(ours(a, b)) !== expected[index])
        note(`${name}: ${pairs.length} pairs, ${wrong.length} wrong`)
        if (wrong.length > 0)
          throw new Error(
            wrong
              .slice(0, mostShown)
              .map(([a, b]) => `${a} and ${b}`)
              .join('\n'),
          )
      })
    }
  },
}

/** Two versions near one another, each at its place in some comparison. */
function pairsOf(format: 'deb' | 'rpm', versions: readonly string[], random: Randomness): Pair[] {
  return Array.from({ length: pairsOfEach }, () => {
    const origin = random.pick(versions)
    const other = random.below(4) === 0 ? random.pick(versions) : origin
    return [mutated(format, [origin], random), mutated(format, [other], random)] as const
  })
}

function debOrder(a: string, b: string): number {
  const [left, right] = [parseDeb(a), parseDeb(b)]
  if (!left || !right) throw new Error(`${left ? b : a} is not read as a version`)
  return compareDeb(left, right)
}

function rpmOrder(a: string, b: string): number {
  return compareRpm(parseRpm(a), parseRpm(b))
}

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareDeb, parseDeb } from './deb.ts'
import { byText, debTexts, rpmTexts } from './fixture.ts'
import { compareRpm, parseRpm } from './rpm.ts'

// `Dpkg::Version` is dpkg's own order, and one process compares any number of pairs.
const perl = 'while (<STDIN>) { chomp; my ($a, $b) = split / /; print version_compare($a, $b), "\\n" }'

test('it is the order of dpkg', ({ skip }) => {
  const pairs = samplePairs(debTexts, 5_000)
  const wrong = differences(byText(parseDeb, compareDeb), pairs, ['perl', '-MDpkg::Version', '-e', perl])
  if (wrong === undefined) {
    console.log('perl with Dpkg::Version is not here: the order of deb was not compared with dpkg')
    skip()
  }
  console.log(`deb: ${pairs.length} pairs, ${wrong?.length} wrong`)
  expect(wrong).toEqual([])
})

// Each line is compared by rpm's own `rpmvercmp`, which its macros offer in Lua; it opens a pipe, but no socket.
const lua =
  '%{lua: for line in io.lines("/dev/stdin") do local a, b = line:match("(%S+) (%S+)") print(rpm.vercmp(a, b) .. " ") end}'

test('it is the order of rpm', ({ skip }) => {
  const pairs = samplePairs(rpmTexts, 5_000)
  const wrong = differences(byText(parseRpm, compareRpm), pairs, ['sh', '-c', 'cat | rpm --eval "$0"', lua])
  if (wrong === undefined) {
    console.log('rpm is not here: the order of rpm was not compared with it')
    skip()
  }
  console.log(`rpm: ${pairs.length} pairs, ${wrong?.length} wrong`)
  expect(wrong).toEqual([])
})

/** Pairs that a reference order says something else of, `texts` taken two by two; undefined where the program is not there. */
function differences(
  compare: (a: string, b: string) => number,
  pairs: readonly (readonly [string, string])[],
  [program, ...args]: readonly [string, ...string[]],
): string[] | undefined {
  const input = pairs.map(([a, b]) => `${a} ${b}\n`).join('')
  const run = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (run.error !== undefined || run.status === 127 || run.stderr.includes("Can't locate")) return undefined
  if (run.status !== 0) throw new Error(run.stderr)
  const expected = run.stdout.trim().split(/\s+/).map(Number)
  return pairs.flatMap(([a, b], index) => (Math.sign(compare(a, b)) === expected[index] ? [] : [`${a} and ${b}`]))
}

/** Random pairs, many of them of near neighbours. */
function samplePairs(texts: fc.Arbitrary<string>, count: number): (readonly [string, string])[] {
  return fc.sample(fc.tuple(texts, texts), count)
}

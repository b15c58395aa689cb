import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { startBreakwater } from '../support/breakwater.ts'
import type { Scenario } from '../support/scenario.ts'
import { type Cell, cells, type Expected, type NotApplicable } from './cases.ts'
import type { Written } from './changes.ts'
import { type Asked, cosignVersions, type Layout } from './cosign.ts'
import { type Judged, judge, prepare, repositoryOf, type Setting, workshop } from './judged.ts'
import { imageBy } from './registry.ts'
import { writeAll } from './workshop.ts'

/** How many cells are tried at once. */
const atOnce = 3

/** The table of `cases.ts`, cell by cell: what the gate says of what the real cosign wrote, and what cosign says. */
export const signingCases: Scenario = {
  name: 'signing/cases',
  tools: cosignVersions,
  needsRoot: false,
  async run({ folder, use, check, note }) {
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data') }))
    const setting = await prepare(server, folder, cells)
    const image = imageBy('the image that is judged')
    // Before anything is signed: signatures come along with an image that is pushed later (gate.md G7).
    for (const cell of cells) await image.pushTo(setting.pusher, repositoryOf(cell))
    const { pusher: registry, cosign } = setting
    const written = await writeAll({ host: server.host, project: workshop, registry, cosign }, image)

    const tally = { notApplicable: 0, agreed: 0, explained: 0, unexplained: 0 }
    for (const [{ layout, change, expected }, judged] of await tryAll(setting, written)) {
      await check(`${layout}, ${change}`, () => {
        if (isNotApplicable(expected)) {
          tally.notApplicable += 1
          return note(`not applicable: ${expected.notApplicable}`)
        }
        if (!judged) throw new Error('it was not tried')
        if (judged instanceof Error) throw judged
        const compared = compare(judged)
        const differing = compared.filter(({ agrees }) => !agrees).length
        tally.agreed += compared.length - differing
        tally[expected.difference === undefined ? 'unexplained' : 'explained'] += differing
        note(told(judged, expected))
        holds(judged, expected)
        strictEqual(differing > 0, expected.difference !== undefined, 'a difference is explained where there is one')
      })
    }
    await check('every difference to cosign is explained', () => {
      const { notApplicable, agreed, explained, unexplained } = tally
      note(`${cells.length} cells, ${notApplicable} of them not applicable`)
      note(
        `beside cosign 2 and 3: ${agreed} agreements, ${explained} explained differences, ${unexplained} unexplained`,
      )
      strictEqual(unexplained, 0)
      ok(agreed > 0)
    })
  },
}

type Tried = readonly [Cell, Judged | Error | undefined]

/** Tries every cell that is applicable; what fails is told with its cell. */
async function tryAll(setting: Setting, written: ReadonlyMap<Layout, Written>): Promise<readonly Tried[]> {
  const outcomes = new Map<Cell, Judged | Error>()
  // What takes longest begins first.
  const waiting = cells.toSorted((one, other) => Number(isLong(other)) - Number(isLong(one)))
  const worker = async () => {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      const from = written.get(cell.layout)
      if (!from || isNotApplicable(cell.expected)) continue
      const failed = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
      outcomes.set(cell, await judge(setting, cell, cell.expected, from).catch(failed))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return cells.map((cell) => [cell, outcomes.get(cell)])
}

function isLong({ change }: Cell): boolean {
  return change === '1,000 signatures'
}

function isNotApplicable(expected: Expected | NotApplicable): expected is NotApplicable {
  return 'notApplicable' in expected
}

/** Each answer of a cosign that can read it, beside ours. */
function compare({
  pull,
  found,
  verify,
  verifyAsReader,
  verifyAttestation,
}: Judged): readonly { readonly agrees: boolean }[] {
  const beside = (asked: Asked | undefined, ours: boolean) =>
    Object.values(asked ?? {})
      .filter(({ said }) => said !== 'unable')
      .map(({ said }) => ({ agrees: (said === 'verified') === ours }))
  return [
    ...beside(verify, pull === 'allow'),
    ...beside(verifyAsReader, pull === 'allow'),
    ...beside(verifyAttestation, found.includes('attestation ok')),
  ]
}

function holds(judged: Judged, expected: Expected): void {
  const said = (asked: Asked) => Object.fromEntries(cosignVersions.map((version) => [version, asked[version].said]))
  const { difference: _, ...rest } = { tooMany: 0, ...expected }
  const { verify, verifyAsReader, verifyAttestation, ...seen } = judged
  const asked = {
    verify: said(verify),
    ...(verifyAsReader && { verifyAsReader: said(verifyAsReader) }),
    ...(verifyAttestation && { verifyAttestation: said(verifyAttestation) }),
  }
  deepStrictEqual({ ...seen, ...asked }, rest)
}

/** One cell for people. */
function told(
  { pull, found, tooMany, verify, verifyAsReader, verifyAttestation }: Judged,
  { difference }: Expected,
): string {
  const words = (asked: Asked) =>
    cosignVersions.map((version) => `${version} ${asked[version].said}${asked[version].why}`).join('; ')
  return [
    `${pull}; attached: ${found.join(', ') || 'nothing'}${tooMany > 0 ? `; ${tooMany} pushes refused with 429` : ''}`,
    `cosign verify: ${words(verify)}`,
    ...(verifyAsReader ? [`cosign verify by a reader: ${words(verifyAsReader)}`] : []),
    ...(verifyAttestation ? [`cosign verify-attestation: ${words(verifyAttestation)}`] : []),
    ...(difference === undefined ? [] : [`difference: ${difference}`]),
  ].join('\n')
}

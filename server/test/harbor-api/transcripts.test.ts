import { readFileSync } from 'node:fs'
import { operations } from '@breakwater/harbor-contract'
import { beforeAll, describe, expect, it } from 'vitest'
import { contractFile } from '../contract.ts'
import { sharedRegistry } from '../registry.ts'
import { actualOf, expectedOf } from './transcripts/compare.ts'
import { differences, unserved } from './transcripts/differences.ts'
import { type Exchange, parseTranscripts } from './transcripts/parse.ts'
import { policyCases } from './transcripts/policy-cases.ts'
import { loginCases, projectCases, robotCases } from './transcripts/project-cases.ts'
import { authenticationCases, contentCases } from './transcripts/registry-cases.ts'
import { type Case, type Cases, type Stage, setTheStage } from './transcripts/stage.ts'
import { artifactCases, quotaCases, systemCases } from './transcripts/system-cases.ts'

const cases: Readonly<Record<string, Cases>> = {
  'Registry authentication': authenticationCases,
  Login: loginCases,
  Projects: projectCases,
  'Push and pull': contentCases,
  'Policy refusals': policyCases,
  Quotas: quotaCases,
  Robots: robotCases,
  'Artifacts, tags, labels': artifactCases,
  System: systemCases,
}

const file = contractFile('transcripts.md')
const exchanges = parseTranscripts(file ? readFileSync(file, 'utf8') : '')
const page = new URL('../../../docs/reference/harbor-compatibility.md', import.meta.url)
const documented = readFileSync(page, 'utf8')

interface Row extends Exchange {
  readonly title: string
  readonly request: Case | undefined
  readonly difference: string | undefined
  readonly operation: string | undefined
}

const rows = exchanges.map((exchange): Row => {
  const { section, label } = exchange
  return {
    ...exchange,
    title: `${section}: ${label}`,
    request: cases[section]?.[label],
    difference: differences[section]?.[label],
    operation: unserved[section]?.[label],
  }
})
const compared = rows.filter(({ request, difference }) => request && !difference)
const refusals = compared.filter(({ status }) => status >= 400)
const different = rows.filter(({ difference }) => difference !== undefined)
const waiting = rows.filter(({ operation }) => operation !== undefined)

const titled = (some: readonly Row[]) => some.map((row) => [row.title, row] as const)

describe.skipIf(file === undefined)("Harbor's transcripts (needs ../shared/contract/transcripts.md)", () => {
  const registry = sharedRegistry()
  let stage: Stage

  beforeAll(async () => {
    stage = await setTheStage(registry())
  })

  async function answerTo(row: Row) {
    if (!row.request) throw new Error(`there is no request for ${row.title}`)
    const answer = await row.request(stage)
    expect(answer.headers['x-request-id']).toBeDefined()
    return actualOf(answer, row, new URL(registry().origin).host)
  }

  const counts = `${compared.length} compared (${refusals.length} refusals), ${different.length} differences, ${waiting.length} not served`
  it(`${exchanges.length} exchanges: ${counts}`, () => {
    expect(exchanges.length).toBeGreaterThan(0)
    expect(compared.length + different.length + waiting.length).toBe(exchanges.length)
    const known = new Set(rows.map(({ title }) => title))
    const named = [cases, differences, unserved].flatMap((table) =>
      Object.entries(table).flatMap(([section, labels]) => Object.keys(labels).map((label) => `${section}: ${label}`)),
    )
    expect(named.filter((title) => !known.has(title))).toEqual([])
  })

  it.each(titled(compared))('%s', async (_, row) => {
    expect(await answerTo(row)).toEqual(expectedOf(row))
  })

  it.each(titled(different))('%s differs on purpose', async (_, row) => {
    expect(documented).toContain(row.difference)
    expect(await answerTo(row)).not.toEqual(expectedOf(row))
  })

  it.each(titled(waiting))('%s is not served yet', (_, { operation, request }) => {
    expect(request).toBeUndefined()
    expect(operations).not.toHaveProperty(operation ?? '')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedRegistry } from '../../../test/registry.ts'
import { type Condition, parseQuery } from './query.ts'
import { applyConditions, type Column } from './sql-filter.ts'

const registry = sharedRegistry()
const columns = {
  name: { sql: 't.name', type: 'text' },
  size: { sql: 't.size', type: 'bigint' },
  at: { sql: 't.at', type: 'timestamptz' },
  open: { sql: 't.open', type: 'boolean' },
} as const satisfies Readonly<Record<string, Column>>

const rows = `(values ('alpha', 1::bigint, '2026-01-01T00:00:00Z'::timestamptz, true),
  ('50%', 20, '2026-02-01T10:00:00Z', false), ('a_c\\d', -3, '2026-03-01T00:00:00Z', true)) t (name, size, at, open)`

async function found(conditions: ReadonlyMap<string, Condition>): Promise<unknown[]> {
  const { clauses, values } = applyConditions({ clauses: [], values: [] }, conditions, columns)
  const where = clauses.length > 0 ? `where ${clauses.join(' and ')}` : ''
  const result = await registry().query<{ name: string }>(`select name from ${rows} ${where} order by size`, values)
  return result.map(({ name }) => name)
}

const all = ['a_c\\d', 'alpha', '50%']

describe('conditions of a list', () => {
  it.each([
    ['name=alpha', ['alpha']],
    ['name=ALPHA', []],
    ['name=~ALP', ['alpha']],
    ['name=~%25', ['50%']],
    ['name=~_', ['a_c\\d']],
    ['name=~\\d', ['a_c\\d']],
    ['name={alpha 50%25 none}', ['alpha', '50%']],
    ['name={}', []],
    ['size=20', ['50%']],
    ['size=~2', ['50%']],
    ['size=[1~]', ['alpha', '50%']],
    ['size=[~1]', ['a_c\\d', 'alpha']],
    ['size=[1~20]', ['alpha', '50%']],
    ['size=[20~1]', []],
    ['size=[~]', all],
    ['size={-3 1}', ['a_c\\d', 'alpha']],
    ['size=(1)', ['alpha']],
    ['size=(1 20)', []],
    ['size=one', []],
    ['size=1.5', []],
    ['size=99999999999999999999999', []],
    ['size={1 one}', []],
    ['at=[2026-01-15~2026-02-15]', ['50%']],
    ['at=[2026-02-01T10:00:00~]', ['a_c\\d', '50%']],
    ['at=[2026-13-01~]', []],
    ['at=[yesterday~]', []],
    ['open=true', ['a_c\\d', 'alpha']],
    ['open=0', ['50%']],
    ['open=perhaps', []],
    ['open=true,size=1', ['alpha']],
    ['unknown=1', all],
    ['constructor=1,toString=1', all],
  ])('%s', async (q, names) => {
    expect(await found(parseQuery(q))).toEqual(names)
  })

  it('bind every value, and never fail', async () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom(`'; drop table project; --`, '$1', '\0', '\ud800', '0001-01-01', '9999-12-31T23:59:59.999+14:00'),
    )
    const condition = fc.oneof(
      fc.record({ kind: fc.constantFrom('exact' as const, 'fuzzy' as const), value: word }),
      fc.record({ kind: fc.constantFrom('union' as const, 'intersection' as const), values: fc.array(word) }),
      fc.record({
        kind: fc.constant('range' as const),
        from: fc.option(word, { nil: undefined }),
        to: fc.option(word, { nil: undefined }),
      }),
    )
    const keys = fc.constantFrom(...Object.keys(columns), 'unknown')
    const property = fc.asyncProperty(fc.dictionary(keys, condition), async (given) => {
      const names = await found(new Map(Object.entries(given)))
      for (const name of names) expect(all).toContain(name)
    })
    await fc.assert(property, { numRuns: 500 })
  })
})

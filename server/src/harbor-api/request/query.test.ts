import { RegistryError } from '@breakwater/oci'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Condition, type Conditions, parseQuery, parseSort } from './query.ts'

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'=,~[]{}()\\%+ \'"a1') }),
)

describe('q', () => {
  it.each<[string, Condition]>([
    ['name=a', { kind: 'exact', value: 'a' }],
    ['name=a=b', { kind: 'exact', value: 'a=b' }],
    ['name=\\~a', { kind: 'exact', value: '~a' }],
    ['name=\\\\a', { kind: 'exact', value: '\\a' }],
    ['name=~a%25_', { kind: 'fuzzy', value: 'a%_' }],
    ['name=[1~2]', { kind: 'range', from: '1', to: '2' }],
    ['name=[~2]', { kind: 'range', from: undefined, to: '2' }],
    ['name=[1~]', { kind: 'range', from: '1', to: undefined }],
    ['name=[~]', { kind: 'range', from: undefined, to: undefined }],
    [`name={'a' "b" c}`, { kind: 'union', values: ['a', 'b', 'c'] }],
    ['name={}', { kind: 'union', values: [] }],
    ['name=(1  2)', { kind: 'intersection', values: ['1', '2'] }],
    ['name=a%2Bb+c', { kind: 'exact', value: 'a+b c' }],
    ['name=x,name=y', { kind: 'exact', value: 'y' }],
  ])('%s', (q, condition) => {
    expect([...parseQuery(q)]).toEqual([['name', condition]])
  })

  it.each([
    ['ProjectID', 'project_id'],
    ['projectID', 'project_id'],
    ['project_id', 'project_id'],
    ['CreationTime', 'creation_time'],
    ['Level', 'level'],
    [' name ', 'name'],
  ])('knows the key %s as %s', (given, key) => {
    expect([...parseQuery(`${given}=1`).keys()]).toEqual([key])
  })

  it.each(['', undefined])('may be %j', (q) => {
    expect(parseQuery(q).size).toBe(0)
  })

  it.each([
    'a',
    '=',
    'a=',
    '=a',
    ',',
    'a=1,',
    'a=1,,b=2',
    'a=[',
    'a=[1]',
    'a=[1~2',
    'a=[1~2~3]',
    'a={1',
    'a=(1',
    '%',
    'a=%zz',
  ])('is refused: %s', (q) => {
    expect(() => parseQuery(q)).toThrow(RegistryError)
  })

  it('is read or refused, whatever it is', () => {
    const property = fc.property(text, (q) => {
      let conditions: Conditions
      try {
        conditions = parseQuery(q)
      } catch (error) {
        expect(error).toBeInstanceOf(RegistryError)
        expect((error as RegistryError).code).toBe('BAD_REQUEST')
        return
      }
      expect(conditions.size).toBeLessThanOrEqual(50)
      for (const key of conditions.keys()) expect(key).toBe(key.trim().toLowerCase())
    })
    fc.assert(property, { numRuns: 2000 })
  })

  it('gives every value back that a client escapes', () => {
    const word = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab1-._/:é') })
    const condition = fc.oneof(
      fc.string({ minLength: 1 }).map((value): Condition => ({ kind: 'exact', value })),
      fc.string({ minLength: 1 }).map((value): Condition => ({ kind: 'fuzzy', value })),
      fc
        .record({ from: fc.option(word, { nil: undefined }), to: fc.option(word, { nil: undefined }) })
        .map((ends): Condition => ({ kind: 'range', ...ends })),
      fc.array(word).map((values): Condition => ({ kind: 'union', values })),
      fc.array(word).map((values): Condition => ({ kind: 'intersection', values })),
    )
    const keys = fc.string({ minLength: 1, unit: fc.constantFrom(...'abc_') })
    const property = fc.property(fc.dictionary(keys, condition, { maxKeys: 10 }), (given) => {
      // A comma ends a condition, however it is escaped, as in Harbor.
      const entries = Object.entries(given).filter(([, one]) => !JSON.stringify(one).includes(','))
      const q = entries.map(([key, one]) => encodeURIComponent(`${key}=${written(one)}`)).join(',')
      expect([...parseQuery(q)]).toEqual(entries)
    })
    fc.assert(property, { numRuns: 1000 })
  })
})

function written(condition: Condition): string {
  switch (condition.kind) {
    case 'exact':
      return `\\${condition.value}`
    case 'fuzzy':
      return `~${condition.value}`
    case 'range':
      return `[${condition.from ?? ''}~${condition.to ?? ''}]`
    case 'union':
      return `{${condition.values.join(' ')}}`
    case 'intersection':
      return `(${condition.values.join(' ')})`
  }
}

describe('sort', () => {
  const columns = { name: 'p.name', creation_time: 'p.created_at' }

  it.each([
    [undefined, 'p.id'],
    ['', 'p.id'],
    ['name', 'p.name, p.id'],
    ['-name', 'p.name desc, p.id'],
    ['-CreationTime, name', 'p.created_at desc, p.name, p.id'],
    ['none,--name,constructor,__proto__', 'p.id'],
  ])('%j', (sort, order) => {
    expect(parseSort(sort, columns, 'p.id')).toBe(order)
  })

  it('holds no SQL but ours', () => {
    const property = fc.property(fc.oneof(text, fc.string({ unit: fc.constantFrom(...'-,name ') })), (sort) => {
      for (const part of parseSort(sort, columns, 'p.id').split(', ')) {
        expect(['p.name', 'p.name desc', 'p.created_at', 'p.created_at desc', 'p.id']).toContain(part)
      }
    })
    fc.assert(property, { numRuns: 1000 })
  })
})

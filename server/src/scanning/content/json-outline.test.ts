import fc from 'fast-check'
import { expect, it } from 'vitest'
import { outlineOf } from './json-outline.ts'

/** What JSON.parse makes of it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

it('takes every object that JSON.stringify writes, with its members', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue()),
      fc.integer({ max: 3 }),
      (value, indent) => {
        const outline = outlineOf(Buffer.from(JSON.stringify(value, null, indent)))
        const kinds = Object.entries(JSON.parse(JSON.stringify(value)) as object).map(
          ([key, one]: [string, unknown]) => {
            if (typeof one === 'string' && Buffer.byteLength(JSON.stringify(one)) <= 1_024) return [key, { text: one }]
            return [key, isObject(one) ? 'object' : Array.isArray(one) ? 'array' : 'other']
          },
        )
        expect(outline && [...outline]).toEqual(kinds)
      },
    ),
  )
})

it('agrees with JSON.parse about which texts are JSON', () => {
  const token = fc.constantFrom(
    ...'{}[]:,"\\ ae1-.0u\n\t+E'.split(''),
    'true',
    'null',
    '"a"',
    '"b":',
    '\\u0061',
    '{"a":',
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const text = `{"x":${tokens.join('')}`
      const value = parsed(text)
      const repeats = isObject(value) && (text.match(/"a":|"b":|"x":/g)?.length ?? 0) > Object.keys(value).length
      if (!repeats) expect(outlineOf(Buffer.from(text)) !== undefined).toBe(isObject(value))
    }),
    { numRuns: 20_000 },
  )
})

it.each(['[]', '"a"', '', '{}x', '{"a":1}{', '{"a":1,"a":2}', '{"a":01}', '{"a":"\u0001"}', '{"a":"\\x"}', '\ufeff{}'])(
  'refuses %j',
  (text) => {
    expect(outlineOf(Buffer.from(text))).toBeUndefined()
  },
)

it('refuses what is no UTF-8, and what is nested too deep', () => {
  expect(outlineOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBeUndefined()
  const nested = (levels: number) => Buffer.from(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`)
  expect(outlineOf(nested(100))).toBeDefined()
  expect(outlineOf(nested(10_000))).toBeUndefined()
})

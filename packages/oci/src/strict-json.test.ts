import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RegistryError } from './error.ts'
import { recordShape } from './key-shape.ts'
import { parseStrictJson, type StrictJsonOptions } from './strict-json.ts'

function parse(text: string, options?: StrictJsonOptions) {
  return parseStrictJson(Buffer.from(text), options)
}

function refusal(text: string | Uint8Array, options?: StrictJsonOptions): string {
  try {
    parseStrictJson(typeof text === 'string' ? Buffer.from(text) : text, options)
  } catch (error) {
    if (error instanceof RegistryError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('beside JSON.parse', () => {
  test('what is written by JSON.stringify comes back, unless decoders differ on it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, ' ', '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent)
        const outcome = refusal(text)
        if (outcome === 'accepted') expect(parse(text)).toEqual(JSON.parse(text))
        else expect(outcome).toMatch(/appears twice|is too large|U\+0000|unpaired surrogate/)
      }),
    )
  })

  test('ordinary documents come back whatever their escapes and blanks', () => {
    const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string({ unit: 'grapheme' }))
    const { document } = fc.letrec<{ document: unknown }>((tie) => ({
      document: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.array(tie('document'), { maxLength: 4 }),
        fc.dictionary(
          fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', ',', 'ж'), maxLength: 4 }),
          tie('document'),
        ),
      ),
    }))
    fc.assert(
      fc.property(document, fc.boolean(), (value, escaped) => {
        const plain = JSON.stringify(value, null, 1)
        const text = escaped
          ? plain.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : plain
        fc.pre(!text.includes('\\u0000'))
        expect(parse(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('what JSON.parse refuses is refused, what both take is equal', () => {
    const unit = fc.constantFrom(...'{}[]:,"\\ ae1-.0u\n'.split(''), 'true', 'null', '"a"', '"b":', '\\u0061')
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 10 }), (units) => {
        const text = units.join('')
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          expect(refusal(text)).toMatch(/^MANIFEST_INVALID: unmarshal manifest failed: /)
          return
        }
        if (refusal(text) === 'accepted') expect(parse(text)).toEqual(expected)
      }),
      { numRuns: 3000 },
    )
  })

  test('one changed byte in a document never gives another value than JSON.parse', () => {
    const original = Buffer.from('{"a":[1,-2.5e3,"x\\"\\\\y",{"b":null,"c":"\\u00e9é"}],"d":{"e":{},"f":[]}}')
    fc.assert(
      fc.property(fc.nat({ max: original.length - 1 }), fc.integer({ min: 0, max: 255 }), (place, byte) => {
        const bytes = Buffer.from(original)
        bytes[place] = byte
        if (refusal(bytes) === 'accepted') expect(parseStrictJson(bytes)).toEqual(JSON.parse(bytes.toString()))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what decoders differ on is refused', () => {
  test.each([
    ['{"a":1,"a":1}', '"a" appears twice'],
    ['{"a":1,"\\u0061":1}', '"a" appears twice'],
    ['{"layers":[],"Layers":[]}', '"Layers" appears twice'],
    ['{"layers":[],"layer\u017F":[]}', 'appears twice'],
    ['{"layers":[],"layer\\u017f":[]}', 'appears twice'],
    ['{"key":1,"\u212Aey":2}', 'appears twice'],
    ['{"digest":1,"d\u0131gest":2}', 'appears twice'],
    ['{"x":[0,{"a":{"b":1,"B":2}}]}', '"B" appears twice'],
    ['{"__proto__":1,"__PROTO__":2}', 'appears twice'],
    ['\uFEFF{}', 'byte order mark'],
    ['{"a":"\\u0000"}', 'U+0000'],
    ['{"a\\u0000":1}', 'U+0000'],
    ['{"a":"\\ud800"}', 'unpaired surrogate'],
    ['{"\\udc00":1}', 'unpaired surrogate'],
    ['[9007199254740992]', 'too large'],
    ['{"size":-9007199254740993}', 'too large'],
    ['[1e400]', 'too large'],
    ['123456789012345678901234567890', 'too large'],
  ])('%j', (text, reason) => {
    expect(refusal(text)).toMatch(/^MANIFEST_INVALID: unmarshal manifest failed: /)
    expect(refusal(text)).toContain(reason)
  })

  test.each([
    [[0x22, 0xff, 0x22]],
    [[0x22, 0xc0, 0xaf, 0x22]],
    [[0x22, 0xed, 0xa0, 0x80, 0x22]],
    [[0x22, 0xe2, 0x82, 0x22]],
    [[0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('bytes %j are not UTF-8', (bytes) => {
    expect(refusal(Uint8Array.from(bytes))).toContain('not valid UTF-8')
  })

  test('equal keys in different objects are fine', () => {
    const text = '[{"a":{"a":1}},{"a":2},{"b":{"A":[{"a":0}]}}]'
    expect(parse(text)).toEqual(JSON.parse(text))
  })

  test('9007199254740991 is the largest integer', () => {
    expect(parse('[9007199254740991,-9007199254740991,0.1,-0.0,1E2]')).toEqual([
      9007199254740991, -9007199254740991, 0.1, -0, 100,
    ])
  })

  test('__proto__ and constructor are only data', () => {
    const value = parse('{"__proto__":{"polluted":true},"constructor":1}')
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true},"constructor":1}')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(value).not.toHaveProperty('toString')
  })
})

describe('shapes', () => {
  const shape = recordShape(['size'], { list: recordShape(['digest']), labels: 'map', predicate: 'data' })

  test.each([
    '{"Size":1}',
    '{"list":[{"Digest":1}]}',
    '{"list":[[{"DIGEST":1}]]}',
    '{"ſize":1}',
    '{"LABELS":{}}',
    '{"unknown":{"a":1,"A":2}}',
    '{"labels":{"a":1,"a":2}}',
    '{"labels":{"a":{"b":1,"B":2}}}',
    '{"predicate":{"a":[{"b":1,"b":2}]}}',
  ])('refuses %s', (text) => {
    expect(refusal(text, { shape })).toMatch(/must be spelt|appears twice|duplicate key/)
  })

  test.each([
    '{"size":1,"list":[{"digest":1,"Size":2}],"Digest":0}',
    '{"labels":{"vendor":"a","Vendor":"b","SIZE":"c"}}',
    '{"unknown":{"Size":1}}',
    '{"predicate":{"a":[{"b":{"c":1,"C":2},"B":2}],"A":1}}',
  ])('takes %s', (text) => {
    expect(parse(text, { shape })).toEqual(JSON.parse(text))
  })
})

describe('limits', () => {
  test('bytes', () => {
    expect(refusal(Buffer.alloc(11, ' '), { maxBytes: 10, noun: 'config' })).toBe(
      'SIZE_INVALID: config has 11 bytes; at most 10 are accepted',
    )
    expect(refusal(Buffer.alloc(4 * 1024 * 1024 + 1, ' '))).toMatch(/^SIZE_INVALID/)
  })

  test('depth counts objects and arrays', () => {
    const nested = (levels: number) => `${'{"a":['.repeat(levels / 2)}${']}'.repeat(levels / 2)}`
    expect(refusal(nested(32))).toBe('accepted')
    expect(refusal(nested(34))).toContain('deeper than 32 levels')
    expect(refusal('[[]]', { maxDepth: 1 })).toContain('deeper than 1 level')
  })

  test('keys count in the whole text', () => {
    expect(refusal('[{"a":0},{"b":0}]', { maxKeys: 5 })).toBe('accepted')
    expect(refusal('[{"a":0},{"b":0}]', { maxKeys: 4 })).toContain('more than 4 keys')
  })
})

test('4 MiB of anything is answered soon', () => {
  const full = (unit: string, before = '', after = '') => {
    const times = Math.floor((4 * 1024 * 1024 - before.length - after.length) / Buffer.byteLength(unit))
    return Buffer.from(before + unit.repeat(times) + after)
  }
  const hostile = [
    full('['),
    full('{"a":'),
    full('{},', '[', '0]'),
    full('0,', '[', '0]'),
    full('1', '[', ']'),
    full('\\"', '["', '"]'),
    full('\\', '["', '"]'),
    full('\\"', '["'),
    full('"'),
    full('k', '{"', '":1}'),
    full('\\u0041', '{"', '":1}'),
    full('\u017F', '{"', '":1}'),
    full(' ', '[', ']'),
    full(']'),
    Buffer.from(`{${Array.from({ length: 190_000 }, (_, index) => `"${index}":0`).join()}}`),
  ]
  for (const bytes of hostile) {
    const begin = performance.now()
    refusal(bytes)
    expect(performance.now() - begin).toBeLessThan(2000)
  }
})

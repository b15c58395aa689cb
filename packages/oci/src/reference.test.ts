import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import { parseReference, parseRepositoryName, parseTag, projectOf, repositoryInProject } from './reference.ts'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'

/** The specification's grammar, walked letter by letter. */
function isNameByHand(text: string): boolean {
  if (text.length > 255) return false
  return text.split('/').every((component) => {
    const runs = component.match(/[a-z0-9]+|[^a-z0-9]+/g) ?? []
    return (
      runs.length % 2 === 1 &&
      runs.every((run, index) => {
        const isWord = (lower + digits).includes(run.charAt(0))
        if (index % 2 === 0) return isWord
        return run === '.' || run === '_' || run === '__' || run.replaceAll('-', '') === ''
      })
    )
  })
}

function isTagByHand(text: string): boolean {
  const word = `${lower}${lower.toUpperCase()}${digits}_`
  const letters = text.split('')
  return (
    letters.length >= 1 &&
    letters.length <= 128 &&
    letters.every((letter, index) => (index === 0 ? word : `${word}.-`).includes(letter))
  )
}

const word = fc.string({ unit: fc.constantFrom(...lower, ...digits), minLength: 1, maxLength: 8 })
const separator = fc.oneof(
  fc.constantFrom('.', '_', '__'),
  fc.string({ unit: fc.constant('-'), minLength: 1, maxLength: 5 }),
)
const component = fc
  .tuple(word, fc.array(fc.tuple(separator, word), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.flat().join(''))
const name = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

describe('repository names', () => {
  test('everything that the grammar makes is taken, up to 255 characters', () => {
    fc.assert(fc.property(name, (text) => (parseRepositoryName(text) !== undefined) === text.length <= 255))
  })

  test('near misses are judged as the grammar judges them', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '0', '.', '_', '-', '/', 'A', ' '), maxLength: 9 })
    fc.assert(
      fc.property(text, (near) => (parseRepositoryName(near) !== undefined) === isNameByHand(near)),
      { numRuns: 2000 },
    )
  })

  test.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    'A/b',
    'a/../b',
    'a..b',
    'a___b',
    'a._b',
    '-a',
    'a-',
    'a\n',
    'a/b\n',
    'é',
    'a%2fb',
    'a\0b',
  ])('refuses %j', (text) => {
    expect(parseRepositoryName(text)).toBeUndefined()
  })

  test('at most 255 characters', () => {
    expect(parseRepositoryName('a'.repeat(255))).toHaveLength(255)
    expect(parseRepositoryName('a'.repeat(256))).toBeUndefined()
  })

  test('the project and the rest put together are the name', () => {
    fc.assert(
      fc.property(name, (text) => {
        const parsed = parseRepositoryName(text)
        if (!parsed) return
        const rest = repositoryInProject(parsed)
        expect(projectOf(parsed)).not.toContain('/')
        expect(rest === '' ? projectOf(parsed) : `${projectOf(parsed)}/${rest}`).toBe(text)
      }),
    )
  })

  test.each([
    `${'a'.repeat(100_000)}!`,
    `${'a-'.repeat(100_000)}!`,
    `${'a--'.repeat(100_000)}`,
    `${'a_'.repeat(100_000)}_`,
    `${'a/'.repeat(100_000)}/`,
    '-'.repeat(1_000_000),
    `${'a-'.repeat(127)}!`,
    `${'a__'.repeat(84)}__`,
  ])('hostile name number %# is refused at once', (text) => {
    const begin = performance.now()
    expect(parseRepositoryName(text)).toBeUndefined()
    expect(performance.now() - begin).toBeLessThan(100)
  })
})

describe('tags and references', () => {
  test('tags are judged as the grammar judges them', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '_', '-', '/', ':', '@'), maxLength: 6 })
    const long = fc.string({ unit: fc.constantFrom('a', '.'), minLength: 120, maxLength: 135 })
    fc.assert(
      fc.property(fc.oneof(letters, long), (text) => (parseTag(text) !== undefined) === isTagByHand(text)),
      { numRuns: 1000 },
    )
  })

  test('a reference is a tag, a digest or nothing', () => {
    const digest = digestOf(new Uint8Array())
    expect(parseReference(digest)).toEqual({ kind: 'digest', digest })
    expect(parseReference('v1.0-rc_1')).toEqual({ kind: 'tag', tag: 'v1.0-rc_1' })
    expect(parseReference(digest.replace(':', '-'))?.kind).toBe('tag')
    for (const text of ['', '.a', '-a', 'a:b', 'sha256:abc', 'a/b', 'latest\n', 'a'.repeat(129)]) {
      expect(parseReference(text)).toBeUndefined()
    }
  })
})

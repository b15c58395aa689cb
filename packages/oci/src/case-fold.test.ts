import { expect, test } from 'vitest'
import { foldCase } from './case-fold.ts'

test('letters that simple case folding joins have one form', () => {
  const letters: string[] = []
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const letter = String.fromCodePoint(point)
    if (/\p{Changes_When_Casemapped}/u.test(letter)) letters.push(letter)
  }
  expect(letters.length).toBeGreaterThan(2000)
  const all = letters.join('')
  const torn = letters.filter((letter) => {
    // Case-insensitive Unicode patterns match by simple case folding (ECMA-262, Canonicalize).
    const alike = all.match(new RegExp(letter, 'giu')) ?? []
    return alike.some((other) => foldCase(other) !== foldCase(letter))
  })
  expect(torn).toEqual([])
})

test('the letters with which keys have been disguised', () => {
  expect(foldCase('layer\u017F')).toBe(foldCase('layers'))
  expect(foldCase('\u212Aey')).toBe(foldCase('key'))
  expect(foldCase('d\u0131gest')).toBe(foldCase('digest'))
  expect(foldCase('layers')).not.toBe(foldCase('layer'))
})

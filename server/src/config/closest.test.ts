import { expect, test } from 'vitest'
import { closest, editDistance } from './closest.ts'

test.each([
  ['listen', 'listen', 0],
  ['listn', 'listen', 1],
  ['lisetn', 'listen', 1],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
])('%s and %s are %i edits apart', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits)
  expect(editDistance(b, a)).toBe(edits)
})

test('only what is near is suggested', () => {
  expect(closest('datadir', ['listen', 'dataDir'])).toBe('dataDir')
  expect(closest('database', ['listen', 'dataDir'])).toBeUndefined()
  expect(closest('x', ['y'])).toBeUndefined()
})

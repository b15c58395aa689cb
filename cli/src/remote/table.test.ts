import { expect, it } from 'vitest'
import { table } from './table.ts'

it('aligns columns, without blanks at the end of a line', () => {
  expect(
    table(
      ['NAME', 'PUBLIC'],
      [
        ['library', 'yes'],
        ['a', ''],
      ],
    ),
  ).toBe('NAME     PUBLIC\nlibrary  yes\na')
})

it('leaves a terminal alone', () => {
  expect(table(['NAME'], [['\u001B[2Jgone\nmore']])).toBe('NAME\n�[2Jgone�more')
})

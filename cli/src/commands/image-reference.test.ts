import { expect, test } from 'vitest'
import { readImage } from './image-reference.ts'

const digest = `sha256:${'0'.repeat(64)}`

test.each([
  ['library/app:1', 'library/app', '1'],
  ['library/app', 'library/app', 'latest'],
  [`library/a/b@${digest}`, 'library/a/b', digest],
  [`library/app:1@${digest}`, 'library/app', digest],
  ['harbor.example.com/library/app:1', 'library/app', '1'],
  ['localhost:5000/library/app:1', 'library/app', '1'],
  ['localhost/library/app', 'library/app', 'latest'],
])('%s', (text, repository, reference) => {
  expect(readImage(text)).toEqual({ repository, reference })
})

test.each(['app', 'App/x:1', 'library/app:', 'library/app@sha256:12', '', 'harbor.example.com/app:1'])(
  '%s is refused',
  (text) => {
    expect(() => readImage(text)).toThrow(/project\/name/)
  },
)

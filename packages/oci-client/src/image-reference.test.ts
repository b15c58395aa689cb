import { expect, it } from 'vitest'
import { formatImageReference, isLoopbackHost, parseImageReference } from './image-reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

it.each([
  ['ghcr.io/aquasecurity/trivy-db:2', 'ghcr.io', 'aquasecurity/trivy-db', '2', undefined],
  ['127.0.0.1:8080/library/trivy-db:2', '127.0.0.1:8080', 'library/trivy-db', '2', undefined],
  ['localhost/a', 'localhost', 'a', 'latest', undefined],
  ['[::1]:5000/a/b', '[::1]:5000', 'a/b', 'latest', undefined],
  ['registry:5000/a', 'registry:5000', 'a', 'latest', undefined],
  [`r.example/a@${digest}`, 'r.example', 'a', undefined, digest],
  [`r.example/a:2@${digest}`, 'r.example', 'a', '2', digest],
])('reads %s', (text, host, repository, tag, pinned) => {
  expect(parseImageReference(text)).toEqual({ host, repository, tag, digest: pinned })
})

it.each([
  '',
  'library/app:1',
  'app',
  'r.example/',
  'r.example/UPPER',
  'r.example/a:',
  'r.example/a@sha256:12',
  `r.example/a@${digest}@${digest}`,
  'r.example:99999999/a',
  'user:secret@r.example/a',
  'https://r.example/a',
  'r.example/a?x=1',
])('does not read %j', (text) => {
  expect(parseImageReference(text)).toBeUndefined()
})

it('writes what it read', () => {
  for (const text of ['r.example/a:2', `r.example/a@${digest}`, `r.example/a:2@${digest}`]) {
    const read = parseImageReference(text)
    expect(read && formatImageReference(read)).toBe(text)
  }
})

it('knows this machine', () => {
  expect(['localhost:1', '127.0.0.1', '127.9.9.9:80', '[::1]:5'].map(isLoopbackHost)).toEqual([true, true, true, true])
  expect(['10.0.0.1', 'localhost.example', '127.0.0.1.example', '[::2]'].map(isLoopbackHost)).toEqual(
    Array.from({ length: 4 }, () => false),
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseScopes } from './scope.ts'

it.each([
  [['repository:a/b:pull'], [{ name: 'a/b', actions: ['pull'] }]],
  [['repository:a/b:push,pull'], [{ name: 'a/b', actions: ['push', 'pull'] }]],
  [['repository:a/b:*'], [{ name: 'a/b', actions: ['pull', 'push', 'delete'] }]],
  [
    ['repository:a/b:pull repository:c/d:push', 'repository:e/f:pull'],
    ['a/b', 'c/d', 'e/f'],
  ],
  [['repository(plugin):a/b:pull'], ['a/b']],
  [['repository:a/b:'], [{ name: 'a/b', actions: [] }]],
  [
    [
      '',
      ' ',
      'repository',
      'repository:a/b',
      'repository::pull',
      'registry:catalog:*',
      'repository:A/b:pull',
      'repository:a:pull',
    ],
    [],
  ],
])('%j', (parameters, expected) => {
  const scopes = parseScopes(parameters)
  expect(typeof expected[0] === 'string' ? scopes.map(({ name }) => name) : scopes).toEqual(expected)
})

it('reads anything, soon', () => {
  const property = fc.property(fc.array(fc.string({ maxLength: 50 }), { maxLength: 5 }), (parameters) => {
    for (const { name } of parseScopes(parameters)) expect(name).toContain('/')
  })
  fc.assert(property)
  const began = performance.now()
  parseScopes([
    `repository${'('.repeat(50_000)}`,
    `repository:${':'.repeat(50_000)}`,
    `repository:${'a/'.repeat(50_000)}:`,
  ])
  expect(performance.now() - began).toBeLessThan(200)
})

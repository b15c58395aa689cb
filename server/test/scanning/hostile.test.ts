import { expect, it } from 'vitest'
import { sharedRegistry } from '../registry.ts'
import { pushLayers } from './image.ts'
import { scanOf } from './scan.ts'

const registry = sharedRegistry()

it.each([
  ['a zero byte', '{"name":"a\\u0000b","version":"1.0.0"}'],
  ['half a character', '{"name":"a\\ud800b","version":"1.0.0"}'],
  ['a very long name', JSON.stringify({ name: 'a'.repeat(1_000_000), version: '1.0.0' })],
  ['a very long version', JSON.stringify({ name: 'a', version: '1'.repeat(1_000_000) })],
])('a package with %s is no reason to give up', async (what, content) => {
  const tag = what.replaceAll(' ', '-')
  const digest = await pushLayers(registry(), 'library/hostile', tag, [[{ path: 'app/package.json', content }]])
  expect(await scanOf(registry(), digest)).toMatchObject({ state: 'success', class: 'image', failure: null })
})

it('paths of whiteouts with odd characters are kept as they are', async () => {
  const path = 'app/.wh.\u0001\ufffd😀'
  const digest = await pushLayers(registry(), 'library/hostile', 'whiteout', [[{ path, content: '' }]])
  expect((await scanOf(registry(), digest)).state).toBe('success')
})

import { describe, expect, test } from 'vitest'
import { inventoryFormat, type LayerInventory, mergeLayers } from './index.ts'

const layer = (diffId: string, facts: Partial<LayerInventory>) => ({
  diffId,
  inventory: {
    format: inventoryFormat,
    systems: [],
    databases: [],
    applications: [],
    removed: [],
    opaque: [],
    notCovered: [],
    partial: [],
    ...facts,
  } satisfies LayerInventory,
})
const node = (path: string, version = '1.0.0') => ({
  path,
  type: 'node-pkg' as const,
  packages: [{ name: 'a', version }],
})
const dpkg = (path: string, ...names: string[]) => ({
  path,
  kind: 'dpkg' as const,
  packages: names.map((name) => ({ name, version: '1', sourceName: name, sourceVersion: '1' })),
})
const paths = (layers: ReturnType<typeof layer>[]) => mergeLayers(layers).packages.map(({ path }) => path)

describe('what upper layers take away', () => {
  const lower = layer('1', {
    applications: [node('opt/x/package.json'), node('opt/xy/package.json'), node('top/package.json')],
  })

  test('a file, a folder with all below it, and not its namesakes', () => {
    expect(paths([lower, layer('2', { removed: ['opt/x'] })])).toEqual(['opt/xy/package.json', 'top/package.json'])
    expect(paths([lower, layer('2', { removed: ['opt/x/package.json'] })])).toHaveLength(2)
  })

  test('an opaque folder hides what was in it; that of the root everything', () => {
    expect(paths([lower, layer('2', { opaque: ['opt'] })])).toEqual(['top/package.json'])
    expect(paths([lower, layer('2', { opaque: [''] })])).toEqual([])
  })

  test('what a layer removes and makes anew stays', () => {
    const both = layer('2', { removed: ['opt'], opaque: ['opt'], applications: [node('opt/x/package.json', '2.0.0')] })
    const [kept, ...others] = mergeLayers([lower, both]).packages
    expect(kept).toMatchObject({ path: 'top/package.json' })
    expect(others).toMatchObject([{ path: 'opt/x/package.json', version: '2.0.0', layer: '2' }])
  })

  test('what can not be read is forgotten with its file', () => {
    const jar = layer('1', { notCovered: [{ type: 'jar', path: 'opt/a.jar' }] })
    expect(mergeLayers([jar]).notCovered).toHaveLength(1)
    expect(mergeLayers([jar, layer('2', { removed: ['opt'] })]).notCovered).toEqual([])
  })
})

describe('packages of the operating system', () => {
  test('a later status replaces the earlier one whole; files of status.d add up', () => {
    const merged = mergeLayers([
      layer('1', { databases: [dpkg('var/lib/dpkg/status', 'a', 'b')] }),
      layer('2', { databases: [dpkg('var/lib/dpkg/status', 'b', 'c'), dpkg('var/lib/dpkg/status.d/d', 'd')] }),
    ])
    expect(merged.packages.map(({ name, layer }) => [name, layer])).toEqual([
      ['b', '1'],
      ['c', '2'],
      ['d', '2'],
    ])
  })

  test('types and purls come from the system; Debian may turn out to be its child', () => {
    const debian = layer('1', {
      systems: [
        { family: 'debian', name: 'bookworm/sid' },
        { family: 'ubuntu', name: '22.04' },
      ],
      databases: [dpkg('var/lib/dpkg/status', 'libstdc++6')],
    })
    const { os, packages } = mergeLayers([debian, layer('2', { systems: [{ family: 'alpine', name: '3.20' }] })])
    expect(os).toEqual({ family: 'ubuntu', name: '22.04' })
    expect(packages[0]).toMatchObject({ type: 'ubuntu', purl: 'pkg:deb/ubuntu/libstdc%2B%2B6@1?distro=ubuntu-22.04' })
  })

  test('without a system they keep the name of their database', () => {
    const { os, packages } = mergeLayers([layer('1', { databases: [dpkg('var/lib/dpkg/status', 'a')] })])
    expect(os).toBeUndefined()
    expect(packages[0]).toMatchObject({ type: 'dpkg' })
  })
})

test('partial inventories stay partial, whatever lies above', () => {
  const merged = mergeLayers([layer('1', { partial: ['too large'] }), layer('2', { opaque: [''] })])
  expect(merged.partial).toEqual(['too large'])
})

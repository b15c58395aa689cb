import { expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import { RegistryError } from './error.ts'
import { parseImageConfig } from './image-config.ts'

const diffIds = [digestOf(Buffer.from('a')), digestOf(Buffer.from('b'), 'sha512')]
const config = {
  created: '2026-01-02T03:04:05Z',
  author: 'someone',
  architecture: 'arm64',
  variant: 'v8',
  os: 'linux',
  'os.version': '1',
  config: { Env: ['PATH=/bin'], Labels: { vendor: 'a', Vendor: 'b' }, ExposedPorts: { '80/tcp': {} } },
  rootfs: { type: 'layers', diff_ids: diffIds },
  history: [{ created_by: 'build' }, { empty_layer: true }],
}
const text = JSON.stringify(config)

function refusal(document: string): string {
  try {
    parseImageConfig(Buffer.from(document))
  } catch (error) {
    if (error instanceof RegistryError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

test('the members that the registry uses', () => {
  expect(parseImageConfig(Buffer.from(text))).toEqual({
    created: config.created,
    author: 'someone',
    architecture: 'arm64',
    variant: 'v8',
    os: 'linux',
    osVersion: '1',
    diffIds,
  })
})

test('everything may be absent', () => {
  expect(parseImageConfig(Buffer.from('{}'))).toEqual({ diffIds: [] })
  expect(parseImageConfig(Buffer.from('{"rootfs":{"type":"layers","diff_ids":null},"author":null}'))).toEqual({
    diffIds: [],
  })
})

test.each([
  text.replace('"rootfs"', '"rootfs":{},"rootfs"'),
  text.replace('"rootfs"', '"RootFS":{},"rootfs"'),
  text.replace('"rootfs"', '"RootFS"'),
  text.replace('"diff_ids"', '"Diff_IDs"'),
  text.replace('"diff_ids"', '"diff_id\u017F"'),
  text.replace('"Env"', '"Env":[],"env"'),
  text.replace('"Env"', '"ENV"'),
  text.replace('"empty_layer"', '"Empty_layer"'),
  text.replace('"vendor"', '"vendor":"c","vendor"'),
])('read differently by engines: %s', (document) => {
  expect(refusal(document)).toMatch(/^MANIFEST_INVALID: unmarshal image config failed: /)
})

test.each([
  ['[]', 'image config must be an object'],
  ['{"rootfs":[]}', 'image config.rootfs must be an object'],
  ['{"rootfs":{"type":"other"}}', 'image config.rootfs.type must be layers'],
  ['{"rootfs":{"type":"layers","diff_ids":["sha256:x"]}}', 'image config.rootfs.diff_ids[0] must be sha256:'],
  ['{"os":1}', 'image config.os must be a string'],
  ['{"config":[]}', 'image config.config must be an object'],
  ['{"history":[1]}', 'image config.history[0] must be an object'],
  ['nonsense', 'unmarshal image config failed: '],
])('%s', (document, reason) => {
  expect(refusal(document)).toMatch(/^MANIFEST_INVALID: /)
  expect(refusal(document)).toContain(reason)
})

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Reads the largest layer of each hostile kind, as it is and within a payload, and prints how many were told as unreadable. */
const program = `
  import { digestOf, parseManifest } from '@breakwater/oci'
  import { cosignTagManifest, fixtureKey, simpleSigning } from './packages/signing/src/fixture.ts'
  import { maxLayerBytes } from './packages/signing/src/limits.ts'
  import { parseEvidence } from './packages/signing/src/parse-evidence.ts'
  const digest = digestOf(Buffer.from('image'))
  const layer = simpleSigning({ key: fixtureKey('p256'), digest })
  let unreadable = 0
  for (const part of ['[', '{"a":', '{"a":1,', '"', '9', '[],', '{},']) {
    const filled = Buffer.alloc(maxLayerBytes, part)
    const within = Buffer.concat([Buffer.from('{"optional":{"a":['), filled.subarray(0, maxLayerBytes - 18)])
    for (const bytes of [filled, within]) {
      const { bytes: manifest, mediaType, blobs } = cosignTagManifest(digest, [{ ...layer, bytes }])
      if (parseEvidence(parseManifest(manifest, mediaType), blobs)[0]?.kind === 'unreadable') unreadable += 1
    }
  }
  console.log(unreadable)
`

test('the largest hostile layers are read within 32 MB of heap', { timeout: 60_000 }, () => {
  const cwd = new URL('../../..', import.meta.url)
  const args = ['--max-old-space-size=32', '--input-type=module', '--eval', program]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 50_000 })
  expect(stderr).toBe('')
  expect({ status, read: stdout.trim() }).toEqual({ status: 0, read: '14' })
})

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { hexOf } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { blobOf, pushBlob } from '../../../server/test/content.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

it('begins a pass, and says what is damaged', async () => {
  expect((await cli().run(['scrub', 'status'])).out).toContain('0 blobs are damaged')
  const blob = blobOf()
  await pushBlob(cli().registry, 'library/app', blob)
  const hex = hexOf(blob.digest)
  rmSync(join(cli().registry.dataDir, 'store', 'blobs', 'sha256', hex.slice(0, 2), hex))
  expect(await cli().good(['scrub', 'run'])).toContain('a pass begins')
  await expect.poll(async () => (await cli().run(['scrub', 'status'])).code, { timeout: 15_000 }).toBe(1)
  const { out: stdout } = await cli().run(['scrub', 'status'])
  expect(stdout).toContain('1 blobs are damaged and not served')
  expect(stdout).toMatch(new RegExp(`${blob.digest} +64 +\\S+ \\S+ +library/app`))
})

import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { imageOf } from '@breakwater/inventory/fixture'
import { type Digest, digestToBytes, hexOf, mediaType, parseDigest } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { mustPutManifest, pushBlob } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { debian } from './image.ts'
import { scanOf } from './scan.ts'

const registry = sharedRegistry()

/** Where the store keeps a blob. */
function fileOf(digest: Digest): string {
  const root = join(registry().dataDir, 'store')
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith(hexOf(digest)))
  if (!found) throw new Error(`${digest} is not in the store`)
  return join(root, found)
}

interface Row {
  readonly state: string
  readonly failure: string | null
}

/** Pushes an image whose layer is away; resolves once a scan has found that out. */
async function pushWithout(
  repository: string,
): Promise<{ digest: Digest; row: () => Promise<Row | undefined>; bring: () => void }> {
  const image = imageOf([debian], { config: { author: repository } })
  const blobs = [...image.blobs].map(([text, bytes]) => ({ digest: parseDigest(text) as Digest, bytes }))
  for (const blob of blobs) await pushBlob(registry(), repository, blob)
  const file = fileOf(blobs.at(-1)?.digest as Digest)
  renameSync(file, `${file}.away`)
  await mustPutManifest(registry(), repository, 'v1', image.manifest, mediaType.ociManifest)
  const digest = parseDigest(image.manifestDigest) as Digest
  const row = async () => {
    const values = [digestToBytes(digest)]
    return (await registry().query<Row>('select state, failure from scan where digest = $1', values))[0]
  }
  await expect.poll(row).toEqual({ state: 'pending', failure: expect.stringContaining('is not in the store') })
  return { digest, row, bring: () => renameSync(`${file}.away`, file) }
}

it('a blob that the store never gives ends with an error, and the next request tries again', async () => {
  const { digest, row, bring } = await pushWithout('library/never')
  // As if it had been tried for a while.
  await registry().query('update scan set attempts = 5 where digest = $1', [digestToBytes(digest)])
  expect((await scanOf(registry(), digest)).state).toBe('error')
  expect((await row())?.failure).toContain('is not in the store')
  bring()
  const asked = await registry().ask('POST', '/api/v2.0/projects/library/repositories/never/artifacts/v1/scan')
  expect(asked.status).toBe(202)
  expect(await scanOf(registry(), digest)).toMatchObject({ state: 'success', failure: null })
  await registry().query('delete from layer')
})

it('a blob that the store does not give is no verdict: the scan waits, and ends when it is there again', async () => {
  const { digest, bring } = await pushWithout('library/later')
  bring()
  expect(await scanOf(registry(), digest)).toMatchObject({ state: 'success', class: 'image', failure: null })
})

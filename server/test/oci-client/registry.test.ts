import { parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import { openRegistry } from '@breakwater/oci-client'
import { describe, expect, it } from 'vitest'
import { createProject } from '../accounts.ts'
import { pushImage } from '../content.ts'
import { adminPassword, sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const host = () => new URL(registry().origin).host
const name = (text: string) => parseRepositoryName(text) as RepositoryName

async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

describe('a client of registries', () => {
  it('reads what anybody may pull', async () => {
    const image = await pushImage(registry(), 'library/app', '1')
    const client = openRegistry(host())
    const { digest, manifest } = await client.manifest(name('library/app'), '1')
    expect(digest).toBe(image.digest)
    if (manifest.kind !== 'image') throw new Error('an image was pushed')
    const [layer] = manifest.layers
    if (!layer) throw new Error('it has a layer')
    const bytes = await read(client.blob(name('library/app'), layer, { maxBytes: 1_000 }))
    expect(bytes.equals(image.layers[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
  })

  it('logs in where it must', async () => {
    await createProject(registry(), 'closed')
    const image = await pushImage(registry(), 'closed/app', '1')
    await expect(openRegistry(host()).manifest(name('closed/app'), '1')).rejects.toMatchObject({ kind: 'unauthorized' })
    const known = openRegistry(host(), { credentials: { user: 'admin', password: adminPassword } })
    expect((await known.manifest(name('closed/app'), image.digest)).digest).toBe(image.digest)
    const wrong = openRegistry(host(), { credentials: { user: 'admin', password: 'not this' } })
    await expect(wrong.manifest(name('closed/app'), '1')).rejects.toMatchObject({ kind: 'unauthorized' })
  })

  it('says what is not there', async () => {
    await expect(openRegistry(host()).manifest(name('library/none'), '1')).rejects.toMatchObject({
      kind: 'missing',
      message: expect.stringContaining('library/none:1'),
    })
  })
})

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databaseFiles, databaseLayer, layerOf } from '../fixture.ts'
import { extractDatabase } from './extract.ts'

const content = { buckets: { 'debian 12': { bash: { 'CVE-1': {} } } }, updatedAt: new Date('2026-11-23T00:00:00Z') }
const { database, metadata } = databaseFiles(content)
const sound = { 'trivy.db': database, 'metadata.json': metadata }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vulndb-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The layer in pieces of that many bytes. */
async function* pieces(bytes: Buffer, length = 1_000): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length)
}

describe('a layer', () => {
  test.each([1, 511, 100_000])('is unpacked from pieces of %i bytes', async (length) => {
    const found = await extractDatabase(pieces(await databaseLayer(content), length), folder)
    expect(found).toEqual({
      version: 2,
      updatedAt: content.updatedAt,
      nextUpdate: new Date('2026-11-24T00:00:00Z'),
      downloadedAt: undefined,
    })
    expect((await readdir(folder)).sort()).toEqual(['metadata.json', 'trivy.db'])
    expect(await readFile(join(folder, 'trivy.db'))).toEqual(database)
  })

  test('may hold other files, which are not written', async () => {
    const others = { '../outside': Buffer.from('x'), 'README.md': Buffer.alloc(5_000), './metadata.json': metadata }
    await extractDatabase(pieces(await layerOf({ ...others, 'trivy.db': database })), folder)
    expect((await readdir(folder)).sort()).toEqual(['metadata.json', 'trivy.db'])
  })
})

describe('a hostile layer', () => {
  const failure = async (layer: Buffer, most?: number) =>
    extractDatabase(pieces(layer), folder, most).then(
      () => 'taken',
      (error: unknown) => (error as { code?: string }).code,
    )

  test('no gzip', async () => {
    expect(await failure(Buffer.from('no gzip at all'))).toBe('archive')
  })
  test('a gzip cut off', async () => {
    const layer = await databaseLayer(content)
    expect(await failure(layer.subarray(0, layer.length - 50))).toBe('archive')
  })
  test('a tar cut off', async () => {
    const tar = gunzipSync(await layerOf(sound))
    expect(await failure(gzipSync(tar.subarray(0, 6_000)))).toBe('archive')
  })
  test('no tar', async () => {
    expect(await failure(gzipSync(Buffer.alloc(5_000, 'x')))).toBe('archive')
  })
  test('a header that was changed', async () => {
    const tar = gunzipSync(await layerOf(sound))
    tar[0] = 0x58
    expect(await failure(gzipSync(tar))).toBe('archive')
  })
  test('a file missing', async () => {
    expect(await failure(await layerOf({ 'trivy.db': database }))).toBe('archive')
  })
  test('a file twice', async () => {
    expect(await failure(await layerOf({ ...sound, './trivy.db': database }))).toBe('archive')
  })
  test('a database over the limit', async () => {
    expect(await failure(await layerOf(sound), database.length - 1)).toBe('too-large')
    expect(await readdir(folder)).toEqual([])
  })
  test('metadata over the limit', async () => {
    expect(await failure(await layerOf({ ...sound, 'metadata.json': Buffer.alloc(100_000) }))).toBe('too-large')
  })
  test('another schema', async () => {
    expect(await failure(await databaseLayer({ ...content, version: 3 }))).toBe('schema')
  })
  test.each(['', 'x', '[]', '1', '{"Version":2}', '{"Version":2,"UpdatedAt":"0001-01-01T00:00:00Z"}'])(
    'the metadata %j',
    async (text) => {
      expect(await failure(await layerOf({ ...sound, 'metadata.json': Buffer.from(text) }))).toMatch(
        /^(metadata|schema)$/,
      )
    },
  )
  test('bytes that stop coming: the reason stays what it is', async () => {
    const layer = await databaseLayer(content)
    const broken = async function* () {
      yield layer.subarray(0, 100)
      throw new TypeError('the connection is gone')
    }
    await expect(extractDatabase(broken(), folder)).rejects.toThrow(TypeError)
  })
})

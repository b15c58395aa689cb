import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHasher, type Hasher } from './hashing.ts'

const small = 100
const unknown = undefined
const folder = mkdtempSync(join(tmpdir(), 'bw-hashing-'))
let hasher: Hasher
beforeAll(() => {
  hasher = createHasher(2)
})
afterAll(async () => {
  await hasher[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const chunks = fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 10 })
const algorithms = fc.constantFrom('sha256', 'sha512')

it('gives the digest of the whole for any chunks, here and in a thread', async () => {
  const property = fc.asyncProperty(chunks, algorithms, async (parts, algorithm) => {
    const expected = createHash(algorithm).update(Buffer.concat(parts)).digest('hex')
    for (const size of [small, unknown]) {
      const hashing = hasher.start(algorithm, size)
      for (const part of parts) await hashing.update([Buffer.from(part)])
      expect(await hashing.digest()).toBe(expected)
    }
  })
  await fc.assert(property, { numRuns: 60 })
})

it('writes the same bytes to a file, here and in a thread', async () => {
  let count = 0
  const property = fc.asyncProperty(chunks, async (parts) => {
    for (const size of [small, unknown]) {
      count += 1
      const path = join(folder, String(count))
      const file = openSync(path, 'ax')
      const hashing = hasher.start('sha256', size)
      for (const part of parts) if (part.length > 0) await hashing.update([Buffer.from(part), Buffer.from('-')], file)
      closeSync(file)
      const written = readFileSync(path)
      expect(await hashing.digest()).toBe(createHash('sha256').update(written).digest('hex'))
      const sent = parts.filter((part) => part.length > 0).flatMap((part) => [Buffer.from(part), Buffer.from('-')])
      expect(written.equals(Buffer.concat(sent))).toBe(true)
    }
  })
  await fc.assert(property, { numRuns: 30 })
})

it('keeps hashes that run side by side apart', async () => {
  const texts = Array.from({ length: 50 }, (_, i) => `text ${i} `.repeat(1000))
  const digests = await Promise.all(
    texts.map(async (text) => {
      const hashing = hasher.start('sha256', unknown)
      for (const half of [text.slice(0, 77), text.slice(77)]) await hashing.update([Buffer.from(half)])
      return hashing.digest()
    }),
  )
  expect(digests).toEqual(texts.map((text) => createHash('sha256').update(text).digest('hex')))
})

it('forgets what is discarded and goes on', async () => {
  const dropped = hasher.start('sha256', unknown)
  await dropped.update([Buffer.from('x')])
  dropped.discard()
  const kept = hasher.start('sha256', unknown)
  await kept.update([Buffer.from('y')])
  expect(await kept.digest()).toBe(createHash('sha256').update('y').digest('hex'))
})

it.each([small, unknown])('fails when the file cannot be written', async (size) => {
  const file = openSync('/dev/full', 'a')
  const hashing = hasher.start('sha256', size)
  await expect(hashing.update([Buffer.alloc(1000)], file)).rejects.toThrow(/ENOSPC|no space/)
  hashing.discard()
  closeSync(file)
})

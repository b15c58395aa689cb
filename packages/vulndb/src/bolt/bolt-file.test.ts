import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VulndbError } from '../error.ts'
import { bytesAccess } from '../random-access.ts'
import { type BoltBucket, BoltFile } from './bolt-file.ts'
import { type BoltTree, boltFile } from './fixture.ts'

const names = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }).filter((name) => name !== '__proto__')
const trees = fc.letrec<{ tree: BoltTree; node: BoltTree | string }>((tie) => ({
  tree: fc.dictionary(names, tie('node'), { maxKeys: 30 }),
  node: fc.oneof({ depthSize: 'small' }, fc.string({ maxLength: 300 }), tie('tree')),
})).tree

function open(bytes: Buffer): BoltFile {
  return new BoltFile(bytesAccess(bytes))
}

/** Everything a bucket holds, read by a walk, with the keys in the order in which they came. */
function read(file: BoltFile): { readonly tree: BoltTree; readonly keys: string[] } {
  const visits = file.visits()
  const keys: string[] = []
  const walk = (bucket: BoltBucket): BoltTree =>
    Object.fromEntries(
      Array.from(bucket.entries(visits), ({ key, value, bucket: nested }) => {
        keys.push(key.toString())
        return [key.toString(), nested ? walk(nested) : value.toString()]
      }),
    )
  return { tree: walk(file.root()), keys }
}

/** A tree with branches, long values, buckets within their parents and outside. */
function richTree(): BoltTree {
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key ${index}`, `value ${index}`]))
  return {
    many,
    long: { value: 'x'.repeat(20_000) },
    small: { a: '1', b: '2' },
    deep: { deeper: { deepest: many } },
    empty: {},
  }
}

describe('a sound file', () => {
  test('gives back whatever was written, at any page size', () => {
    fc.assert(
      fc.property(trees, fc.constantFrom(1024, 4096, 16_384), (tree, pageSize) => {
        expect(read(open(boltFile(tree, pageSize))).tree).toEqual(tree)
      }),
      { numRuns: 200 },
    )
  })

  test('is walked in the order of bytes, and every key is found by itself', () => {
    const file = open(boltFile(richTree()))
    const many = file.root().bucket(Buffer.from('many'))
    const keys = [...(many?.entries() ?? [])].map(({ key }) => key)
    expect(keys).toEqual([...keys].sort(Buffer.compare))
    expect(keys).toHaveLength(2_000)
    for (const key of keys) expect(many?.get(key)?.value.toString()).toBe(key.toString().replace('key', 'value'))
    for (const key of ['', 'key', 'key 2000', 'zzz', 'a']) expect(many?.get(Buffer.from(key))).toBeUndefined()
  })

  test('values are no buckets, and the other way round', () => {
    const root = open(boltFile({ value: 'x', bucket: { a: '1' } })).root()
    expect(root.bucket(Buffer.from('value'))).toBeUndefined()
    expect(root.bucket(Buffer.from('bucket'))?.get(Buffer.from('a'))?.value.toString()).toBe('1')
    expect(root.bucket(Buffer.from('nothing'))).toBeUndefined()
  })

  test.each([0, 4096])('is read when the meta page at %i is broken', (position) => {
    const bytes = boltFile({ a: '1' })
    bytes.fill(0xff, position, position + 4096)
    expect(read(open(bytes)).tree).toEqual({ a: '1' })
  })
})

describe('a hostile file', () => {
  function codeOf(bytes: Buffer): string {
    try {
      read(open(bytes))
    } catch (error) {
      if (error instanceof VulndbError) return error.code
      throw error
    }
    return 'sound'
  }

  /** A file whose page `id` is changed; page 3 is the first that holds data. */
  function changed(tree: BoltTree, id: number, change: (page: Buffer) => void): Buffer {
    const bytes = boltFile(tree)
    change(bytes.subarray(id * 4096, (id + 1) * 4096))
    return bytes
  }

  const branched: BoltTree = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key ${index}`, 'v']))
  /** The root of `branched`: its last page. */
  const rootPage = boltFile(branched).length / 4096 - 1

  test.each([
    ['nothing', Buffer.alloc(0), 'not-bolt'],
    ['text', Buffer.from('no database'.repeat(2_000)), 'not-bolt'],
    ['zeros', Buffer.alloc(65_536), 'not-bolt'],
    ['a file cut off', boltFile(richTree()).subarray(0, 20_000), 'damaged'],
  ])('%s', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code)
  })

  test.each<[string, BoltTree, number, (page: Buffer) => void, string]>([
    ['a leaf of another kind', { a: '1' }, 3, (page) => page.writeUInt16LE(16, 8), 'damaged'],
    ['more elements than fit', { a: '1' }, 3, (page) => page.writeUInt16LE(60_000, 10), 'damaged'],
    ['a page that says it is another', { a: '1' }, 3, (page) => page.writeUInt8(9, 0), 'damaged'],
    ['a page that runs on beyond the end', { a: '1' }, 3, (page) => page.writeUInt32LE(0xffffffff, 12), 'damaged'],
    ['a key outside its page', { a: '1' }, 3, (page) => page.writeUInt32LE(5_000, 20), 'damaged'],
    ['a key in the header', { a: '1' }, 3, (page) => page.writeUInt32LE(0, 20), 'damaged'],
    ['a key longer than its page', { a: '1' }, 3, (page) => page.writeUInt32LE(0xffffff00, 24), 'damaged'],
    ['a value longer than its page', { a: '1' }, 3, (page) => page.writeUInt32LE(0x7fffffff, 28), 'damaged'],
    ['a value that is called a bucket', { a: '1' }, 3, (page) => page.writeUInt32LE(1, 16), 'damaged'],
    ['elements that overlap', { a: 'x'.repeat(99), b: '2' }, 3, (page) => page.writeUInt32LE(17, 36), 'damaged'],
    ['keys out of order', { a: '1', b: '2' }, 3, (page) => page.write('z', 48), 'damaged'],
    ['a branch to itself', branched, rootPage, (page) => page.writeBigUInt64LE(BigInt(rootPage), 24), 'damaged'],
    ['two branches to one page', branched, rootPage, (page) => page.copy(page, 40, 24, 32), 'damaged'],
    ['a branch outside the file', branched, rootPage, (page) => page.writeBigUInt64LE(9_999n, 24), 'damaged'],
    ['a branch beyond any file', branched, rootPage, (page) => page.writeBigUInt64LE(2n ** 63n, 24), 'damaged'],
    ['a branch to the meta page', branched, rootPage, (page) => page.writeBigUInt64LE(0n, 24), 'damaged'],
  ])('%s', (_, tree, id, change, code) => {
    expect(codeOf(changed(tree, id, change))).toBe(code)
  })

  test('a bucket whose root is its own parent', () => {
    const bytes = boltFile({ bucket: { long: 'x'.repeat(9_000) } })
    const root = bytes.readBigUInt64LE(32)
    const page = bytes.subarray(Number(root) * 4096)
    const value = 16 + page.readUInt32LE(20) + page.readUInt32LE(24)
    page.writeBigUInt64LE(root, value)
    expect(codeOf(bytes)).toBe('damaged')
  })

  test('a look-up in a ring of branches ends', () => {
    const file = open(changed(branched, rootPage, (page) => page.writeBigUInt64LE(BigInt(rootPage), 24)))
    expect(() => file.root().get(Buffer.from('key 0'))).toThrow(VulndbError)
  })

  test('a file that shrinks while it is read', () => {
    const bytes = boltFile(richTree())
    const access = bytesAccess(bytes)
    let reads = 0
    const file = new BoltFile({
      size: access.size,
      read(position, length) {
        reads += 1
        return bytesAccess(reads > 5 ? bytes.subarray(0, 4096) : bytes).read(position, length)
      },
    })
    expect(() => read(file)).toThrow(VulndbError)
  })

  test('any bytes changed end in a sound answer or in VulndbError', () => {
    const sound = boltFile(richTree(), 1024)
    const changes = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 })
    const seen = new Set<string>()
    fc.assert(
      fc.property(changes, (bytesChanged) => {
        const bytes = Buffer.from(sound)
        for (const [position, byte] of bytesChanged) bytes[position] = byte
        seen.add(codeOf(bytes))
      }),
      { numRuns: 1_500 },
    )
    // Both metas changed make it no BoltDB file at all, which happens rarely.
    expect([...seen].filter((code) => code !== 'not-bolt').sort()).toEqual(['damaged', 'sound'])
  })
})

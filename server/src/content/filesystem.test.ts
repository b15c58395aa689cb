import { randomBytes, randomUUID } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { digestOf } from '@breakwater/oci'
import { expect, it, onTestFinished } from 'vitest'
import { UploadMemory } from './batches.ts'
import { describeContentStore } from './conformance.ts'
import { clearTemporary, openFilesystemStore } from './filesystem.ts'
import { createHasher } from './hashing.ts'
import { blobKey } from './layout.ts'
import { ContentMissing, type ContentStore } from './store.ts'

function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'bw-store-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

const openAt = (root: string) => openFilesystemStore(root, new UploadMemory(64 << 20))

/** Every file below the store, by its key. */
function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}

describeContentStore('the filesystem store', () => openAt(temporaryRoot()))
describeContentStore('the filesystem store, short of memory', () =>
  openFilesystemStore(temporaryRoot(), new UploadMemory(0)),
)

it('keeps nothing but blobs at their keys', async () => {
  const root = temporaryRoot()
  const store = await openAt(root)
  const bytes = randomBytes(1000)
  const [digest, other] = [digestOf(bytes), digestOf(bytes, 'sha512')]
  await store.write(digest, bytes)
  const upload = randomUUID()
  const options = { hashing: undefined, progress: () => undefined }
  await store.writePart(upload, 'part', Readable.from([bytes]), options)
  await store.commit(upload, [{ name: 'part', size: bytes.length }], other)
  expect(filesOf(root).sort()).toEqual([blobKey(digest), blobKey(other)].sort())
  expect(readdirSync(join(root, 'uploads'))).toEqual([])
})

it('serves what another process has written', async () => {
  const root = temporaryRoot()
  const [one, other] = [await openAt(root), await openAt(root)]
  const bytes = randomBytes(1000)
  await one.write(digestOf(bytes), bytes)
  expect(await other.size(digestOf(bytes))).toBe(1000)
})

it('fails when a blob has lost bytes, and does not make them up', async () => {
  const root = temporaryRoot()
  const store = await openAt(root)
  const bytes = randomBytes(3 << 20)
  const digest = digestOf(bytes)
  await store.write(digest, bytes)
  truncateSync(join(root, blobKey(digest)), 2 << 20)
  await expect(store.read(digest, 0, bytes.length - 1, async () => undefined)).rejects.toThrow(ContentMissing)
  await store.write(digest, bytes)
  expect(statSync(join(root, blobKey(digest))).size).toBe(bytes.length)
})

it('removes small writes that a crash has left, an hour later', async () => {
  const root = temporaryRoot()
  await openAt(root)
  for (const name of ['old', 'young']) writeFileSync(join(root, 'temp', name), 'x')
  const old = new Date(Date.now() - 2 * 3_600_000)
  utimesSync(join(root, 'temp/old'), old, old)
  await clearTemporary(root)
  expect(readdirSync(join(root, 'temp'))).toEqual(['young'])
})

it.each([100, 5 << 20])('hashes what it writes: %i bytes', async (size) => {
  await using hasher = createHasher(1)
  const store: ContentStore = await openAt(temporaryRoot())
  const bytes = randomBytes(size)
  const chunks = [bytes.subarray(0, size >> 2), bytes.subarray(size >> 2)].map((chunk) => Buffer.from(chunk))
  const hashing = hasher.start('sha256', size)
  const upload = randomUUID()
  await store.writePart(upload, 'part', Readable.from(chunks), { hashing, progress: () => undefined })
  const digest = digestOf(bytes)
  expect(`sha256:${await hashing.digest()}`).toBe(digest)
  await store.commit(upload, [{ name: 'part', size }], digest)
  expect(await store.size(digest)).toBe(size)
})

it('says that its folder is gone, and not that a blob is', async () => {
  const root = temporaryRoot()
  const store = await openAt(root)
  const bytes = randomBytes(10)
  const digest = digestOf(bytes)
  await store.write(digest, bytes)
  renameSync(root, `${root}-away`)
  onTestFinished(() => rmSync(`${root}-away`, { recursive: true }))
  mkdirSync(root) // what is left of a mount point
  const options = { hashing: undefined, progress: () => undefined }
  for (const attempt of [
    () => store.writePart(randomUUID(), 'part', Readable.from([bytes]), options),
    () => store.size(digest),
    () => store.read(digest, 0, 9, async () => undefined),
    () => store.write(digest, bytes),
    () => store.write(digestOf(randomBytes(10)), randomBytes(10)),
    () => store.remove(digest),
  ]) {
    await expect(attempt()).rejects.toThrow('the folder of the blob store is gone')
  }
  expect(filesOf(root)).toEqual([])
})

it('knows its room, and fails where it is gone', async () => {
  const root = temporaryRoot()
  const store = await openAt(root)
  const { total = 0, free = 0 } = (await store.space()) ?? {}
  expect(total).toBeGreaterThan(0)
  expect(free).toBeLessThanOrEqual(total)
  rmSync(join(root, 'uploads'), { recursive: true })
  await expect(store.space()).rejects.toThrow()
})

import { Readable } from 'node:stream'
import type { StoredRecords } from '../content/index.ts'
import type { ArchiveReader, ArchiveWriter } from './archive.ts'
import { type ArchivedFile, type Manifest, manifestName, readManifest, writeManifest } from './manifest.ts'

/*
 *     snapshots/<id>/<file>.<n>      a file, cut into records
 *     snapshots/<id>/manifest.json   written last: without it there is no snapshot
 */
const folder = 'snapshots/'
const recordBytes = 4 << 20
const dayMs = 86_400_000

export interface StoreArchive extends ArchiveWriter {
  /** Makes a snapshot of what has been written. */
  publish(manifest: Manifest): Promise<void>
}

/** Begins a snapshot in a store of blobs. */
export function beginSnapshot(store: StoredRecords, id: string): StoreArchive {
  return {
    async write(name, bytes) {
      let [gathered, size, count]: [Buffer[], number, number] = [[], 0, 0]
      const flush = async () => {
        await store.putRecord(recordOf(id, name, count), Buffer.concat(gathered))
        ;[gathered, size, count] = [[], 0, count + 1]
      }
      for await (const chunk of bytes) {
        for (let rest = chunk; rest.length > 0; ) {
          const part = rest.subarray(0, recordBytes - size)
          gathered.push(part)
          size += part.length
          rest = rest.subarray(part.length)
          if (size === recordBytes) await flush()
        }
      }
      if (size > 0) await flush()
    },
    publish: (manifest) => store.putRecord(`${folder}${id}/${manifestName}`, writeManifest(manifest)),
  }
}

export interface SnapshotList {
  /** Whole ones by their ids, oldest first. */
  readonly whole: readonly string[]
  /** Those that are being written, or were given up. */
  readonly partial: readonly string[]
}

export async function listSnapshots(store: StoredRecords): Promise<SnapshotList> {
  const names = await store.listRecords(folder)
  const ids = [...new Set(names.map((name) => name.slice(folder.length).split('/')[0] ?? ''))].sort()
  const published = new Set(names)
  const isWhole = (id: string) => published.has(`${folder}${id}/${manifestName}`)
  return { whole: ids.filter(isWhole), partial: ids.filter((id) => !isWhole(id)) }
}

/** Opens a snapshot. Fails with a sentence where its manifest is damaged. */
export async function openSnapshot(store: StoredRecords, id: string): Promise<ArchiveReader> {
  const where = `snapshot ${id}`
  const bytes = await store.getRecord(`${folder}${id}/${manifestName}`)
  if (!bytes) throw new Error(`There is no ${where} in the store.`)
  return { where, manifest: readManifest(bytes, where), open: (file) => Readable.from(records(store, id, file, where)) }
}

async function* records(store: StoredRecords, id: string, { name, size }: ArchivedFile, where: string) {
  for (let n = 0; n * recordBytes < size; n += 1) {
    const bytes = await store.getRecord(recordOf(id, name, n))
    if (!bytes) throw new Error(`${where} is damaged: ${recordOf(id, name, n)} is missing.`)
    yield bytes
  }
}

/** Removes all snapshots but the newest `keep`, and those that were given up a day ago. */
export async function clearSnapshots(store: StoredRecords, keep: number): Promise<void> {
  const { whole, partial } = await listSnapshots(store)
  const given = partial.filter((id) => timeOf(id) < Date.now() - dayMs)
  for (const id of [...whole.slice(0, Math.max(whole.length - keep, 0)), ...given]) {
    // First: from here on it is no snapshot.
    await store.removeRecord(`${folder}${id}/${manifestName}`)
    for (const name of await store.listRecords(`${folder}${id}/`)) await store.removeRecord(name)
  }
}

function recordOf(id: string, name: string, n: number): string {
  return `${folder}${id}/${name}.${String(n).padStart(6, '0')}`
}

/** When an id was made, in milliseconds since 1970; now where it tells none. */
export function timeOf(id: string): number {
  const time = Date.parse(id.replace(/^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z.*$/, '$1-$2-$3T$4:$5:$6Z'))
  return Number.isNaN(time) ? Date.now() : time
}

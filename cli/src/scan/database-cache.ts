import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, hexOf, parseDigest } from '@breakwater/oci'
import type { DatabaseSource } from './database-source.ts'

/** What the cache has of a source. */
export interface Cached {
  readonly digest: Digest
  readonly folder: string
  /** When the source was last asked. */
  readonly checkedAt: Date
}

/** Databases by digest, and which source last gave which. Several scans may use one folder at once. */
export interface DatabaseCache {
  folderOf(digest: Digest): string
  /** A file that does not exist yet, for what is being fetched. */
  scratchFile(): Promise<string>
  find(source: DatabaseSource): Promise<Cached | undefined>
  /** Notes what a source gave, and removes databases that no source gives any more. */
  remember(source: DatabaseSource, digest: Digest, now: Date): Promise<void>
}

const abandonedMs = 86_400_000

export function createDatabaseCache(root: string): DatabaseCache {
  const databases = join(root, 'vulndb')
  const notes = join(databases, 'sources')
  const noteOf = ({ text }: DatabaseSource) =>
    join(notes, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`)
  const folderOf = (digest: Digest) => join(databases, hexOf(digest))

  async function readNote(path: string): Promise<Cached | undefined> {
    const text = await readFile(path, 'utf8').catch(() => '{}')
    const { digest, checkedAt } = JSON.parse(text) as { digest?: string; checkedAt?: string }
    const parsed = parseDigest(digest ?? '')
    if (!parsed || !existsSync(folderOf(parsed))) return undefined
    return { digest: parsed, folder: folderOf(parsed), checkedAt: new Date(checkedAt ?? 0) }
  }

  async function removeUnused(now: Date): Promise<void> {
    const kept = new Set(['sources'])
    for (const note of await readdir(notes)) {
      const cached = await readNote(join(notes, note))
      if (cached) kept.add(hexOf(cached.digest))
    }
    for (const name of await readdir(databases)) {
      if (kept.has(name)) continue
      const path = join(databases, name)
      const found = await stat(path).catch(() => undefined)
      // What has no note yet may be another scan's, about to be noted.
      if (found && now.getTime() - found.mtimeMs > abandonedMs) await rm(path, { recursive: true, force: true })
    }
  }

  return {
    folderOf,
    async scratchFile() {
      await mkdir(databases, { recursive: true })
      return join(databases, `.fetching-${randomUUID()}`)
    },
    find: (source) => readNote(noteOf(source)),
    async remember(source, digest, now) {
      await mkdir(notes, { recursive: true })
      const scratch = join(databases, `.note-${randomUUID()}`)
      await writeFile(scratch, JSON.stringify({ source: source.text, digest, checkedAt: now.toISOString() }))
      await rename(scratch, noteOf(source))
      await removeUnused(now)
    },
  }
}

import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveReader, ArchiveWriter } from './archive.ts'
import { type Manifest, manifestName, readManifest, writeManifest } from './manifest.ts'

/*
 *     DEST/blobs/sha256/ab/<64 hex>     content, shared by all backups in the folder
 *     DEST/backups/<id>/manifest.json   with the tables beside it
 *     DEST/backups/<id>.partial/        a backup that is being made, or was given up
 */
const partial = '.partial'
const dayMs = 86_400_000

export interface FolderArchive extends ArchiveWriter {
  /** Makes a backup of what has been written: from here on it is one. */
  publish(manifest: Manifest): Promise<void>
  discard(): Promise<void>
  /** What has been written, to be read while it is not yet a backup. */
  read(manifest: Manifest): ArchiveReader
}

/** Begins a backup below `dest`, which only its owner can read. Removes those that were given up a day ago. */
export async function beginBackup(dest: string, id: string): Promise<FolderArchive> {
  const backups = join(dest, 'backups')
  await mkdir(backups, { recursive: true, mode: 0o700 })
  for (const name of await readdir(backups)) {
    const folder = join(backups, name)
    const old = name.endsWith(partial) && (await stat(folder)).mtimeMs < Date.now() - dayMs
    if (old) await rm(folder, { recursive: true, force: true })
  }
  const folder = join(backups, id + partial)
  await mkdir(folder, { mode: 0o700 })
  const write = async (name: string, bytes: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> => {
    const file = await open(join(folder, name), 'wx', 0o600)
    try {
      for await (const chunk of bytes) await file.appendFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
  }
  return {
    write,
    async publish(manifest) {
      await write(manifestName, [writeManifest(manifest)])
      await syncFolder(folder)
      await rename(folder, join(backups, id))
      for (const above of [backups, dest]) await syncFolder(above)
    },
    discard: () => rm(folder, { recursive: true, force: true }),
    read: (manifest) => ({ where: folder, manifest, open: ({ name }) => openFile(folder, name) }),
  }
}

/** The ids of the whole backups below `dest`, oldest first. */
async function listBackups(dest: string): Promise<string[]> {
  const names = await readdir(join(dest, 'backups')).catch(() => [])
  return names.filter((name) => !name.endsWith(partial)).sort()
}

/** Opens a backup, the newest unless one is named. Fails with a sentence where there is none, or its manifest is damaged. */
export async function openBackup(source: string, id?: string): Promise<ArchiveReader> {
  const ids = await listBackups(source)
  const chosen = id ?? ids.at(-1)
  if (chosen === undefined) throw new Error(`${source} holds no backup${await unfinished(source)}.`)
  if (!ids.includes(chosen)) throw new Error(`${source} has no backup ${chosen}; it has ${ids.join(', ') || 'none'}.`)
  const folder = join(source, 'backups', chosen)
  const bytes = await readFile(join(folder, manifestName)).catch((cause: unknown) => {
    throw new Error(`${folder} is damaged: its manifest can't be read.`, { cause })
  })
  const manifest = readManifest(bytes, folder)
  if (manifest.id !== chosen) throw new Error(`${folder} is damaged: its manifest is that of backup ${manifest.id}.`)
  return { where: folder, manifest, open: ({ name }) => openFile(folder, name) }
}

function openFile(folder: string, name: string) {
  const stream = createReadStream(join(folder, name), { highWaterMark: 1 << 18 })
  stream.on('error', (error) => {
    error.message = `${folder} is damaged: ${name} can't be read (${error.message}).`
  })
  return stream
}

async function unfinished(source: string): Promise<string> {
  const names = await readdir(join(source, 'backups')).catch(() => [])
  return names.length > 0 ? ', only one that was not finished' : ''
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

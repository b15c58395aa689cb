import { statfs } from 'node:fs/promises'
import { type Finding, reason } from './finding.ts'
import { existingFolder } from './folder.ts'

const check = 'disk'
const gib = 2 ** 30

/** Free bytes and inodes where the given folders are or will be. */
export async function checkDisk(folders: readonly string[]): Promise<Finding[]> {
  return await Promise.all(folders.map(checkFolder))
}

async function checkFolder(folder: string): Promise<Finding> {
  try {
    const { bavail, blocks, bsize, ffree, files } = await statfs(await existingFolder(folder))
    const free = bavail * bsize
    // Some file systems make inodes as they need them and report none.
    const inodes = files > 0 ? ffree / files : 1
    const shown = `${folder} has ${(free / gib).toFixed(1)} GiB free of ${((blocks * bsize) / gib).toFixed(1)} GiB`
    if (free < gib / 2) return { check, status: 'failed', message: shown, remedy: spaceRemedy }
    if (free < 5 * gib) return { check, status: 'warning', message: shown, remedy: spaceRemedy }
    if (inodes < 0.05) {
      const message = `${folder} has ${ffree} inodes left of ${files}`
      return { check, status: ffree < 1_000 ? 'failed' : 'warning', message, remedy: inodeRemedy }
    }
    return { check, status: 'ok', message: shown }
  } catch (error) {
    const message = `the free space of ${folder} cannot be read: ${reason(error)}`
    return { check, status: 'warning', message, remedy: 'Check that the folder and those above it can be entered.' }
  }
}

const spaceRemedy = 'Free space, or move dataDir or store.root to a larger disk: pushes fail when it is full.'
const inodeRemedy = 'Delete small files, or move to a file system made with more inodes: each blob is a file.'

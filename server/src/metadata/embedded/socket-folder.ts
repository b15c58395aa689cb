import { createHash } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// sockaddr_un.sun_path holds 108 bytes on Linux and 104 elsewhere, the closing zero included.
const longestPath = process.platform === 'linux' ? 107 : 103
const socketName = '/.s.PGSQL.5432'

/**
 * The folder of the server's socket: only its owner may enter, because the server trusts who can connect. It lies in
 * `dataDir`, or in the system's temporary folder when that path is too long for a socket.
 * Throws when neither will do.
 */
export function makeSocketFolder(dataDir: string, owner: number): string {
  const inside = join(dataDir, 'socket')
  if (fits(inside)) return makePrivate(inside, owner)
  const key = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const outside = join(tmpdir(), `breakwater-${key}`)
  if (fits(outside)) return makePrivate(outside, owner)
  throw new Error(
    `Both ${inside} and ${outside} are too long for a Unix socket (${longestPath} bytes with ${socketName}). ` +
      'Set BREAKWATER_DATA_DIR or TMPDIR to a shorter path.',
  )
}

/** Removes the folder again; what a killed server left in it goes too. */
export function removeSocketFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function fits(folder: string): boolean {
  return Buffer.byteLength(folder + socketName) <= longestPath
}

function makePrivate(folder: string, owner: number): string {
  try {
    // Removing it first leaves nobody else's files or links in it; a foreign folder of that name ends the start.
    removeSocketFolder(folder)
    mkdirSync(folder, { mode: 0o700 })
    chmodSync(folder, 0o700)
    if (process.getuid?.() === 0) chownSync(folder, owner, -1)
    return folder
  } catch (cause) {
    throw new Error(`The socket folder ${folder} cannot be made: remove it, or set TMPDIR to a folder of your own.`, {
      cause,
    })
  }
}

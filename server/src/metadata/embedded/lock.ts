import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processStart } from './process-identity.ts'

/**
 * Takes the folder for this process and returns the release. A lock whose holder is gone is taken over.
 * Throws, naming the folder, the holder's pid and the remedy, while another process (or this one) holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'server.lock')
  const own = `${path}.${process.pid}`
  const content = `${process.pid} ${processStart(process.pid)}\n`
  writeFileSync(own, content)
  try {
    while (!tryLink(own, path)) {
      const found = read(path)
      const holder = found === undefined ? undefined : livingHolder(found)
      if (holder !== undefined) {
        throw new Error(
          `The database folder ${folder} is in use by another Breakwater server (pid ${holder}). Stop that one, or ` +
            'set BREAKWATER_DATA_DIR to another folder.',
        )
      }
      // PostgreSQL's own lock guards the files even if two starts reach this line with one stale lock.
      if (found === read(path)) rmSync(path, { force: true })
    }
  } finally {
    rmSync(own, { force: true })
  }
  return () => {
    if (read(path) === content) rmSync(path, { force: true })
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function livingHolder(content: string): number | undefined {
  const [pid = '', ...start] = content.trim().split(' ')
  return processStart(Number(pid)) === start.join(' ') ? Number(pid) : undefined
}

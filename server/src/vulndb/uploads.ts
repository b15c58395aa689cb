import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Actor } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import { type ImportDeps, runImport, uploadPath } from './import.ts'
import { endImport, type ImportRecord, insertImport } from './import-queries.ts'
import { withImportRight } from './import-right.ts'

export interface Uploads extends AsyncDisposable {
  /** See VulnDatabase. */
  take(
    asked: { readonly force: boolean; readonly actor: Actor },
    write: (path: string) => Promise<void>,
  ): Promise<ImportRecord>
}

const ended = 'The server ended before the import did. Send the file again.'

/**
 * Imports files that were sent to this process. They are on its disk, so no other process can do it, and no job waits for
 * them: one that ends before is told to be sent again.
 */
export function createUploads(deps: ImportDeps): Uploads {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  return {
    async take(asked, write) {
      stopping.signal.throwIfAborted()
      await mkdir(deps.folder, { recursive: true, mode: 0o700 })
      const coming = join(deps.folder, `coming-${crypto.randomUUID()}`)
      try {
        await write(coming)
        const made = await transaction(deps.pool, (tx) =>
          insertImport(tx, { ...asked, source: 'upload', cause: 'upload' }),
        )
        await rename(coming, uploadPath(deps.folder, made.id))
        const work = importFile(made).finally(() => running.delete(work))
        running.add(work)
        return made
      } finally {
        await rm(coming, { force: true })
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error(ended))
      await Promise.all(running)
    },
  }

  /** Never rejects. */
  async function importFile(asked: ImportRecord): Promise<void> {
    const { pool, folder, log } = deps
    try {
      const right = { signal: stopping.signal, patient: true }
      await withImportRight(deps, right, (signal) => runImport(deps, asked, signal))
    } catch (err) {
      log.warn({ err, import: asked.id }, 'the import of a file that was sent failed')
      const message = err instanceof Error ? err.message : String(err)
      const end = transaction(pool, (tx) => endImport(tx, asked.id, { state: 'failed', message }))
      await end.catch((error: unknown) => log.warn({ err: error }, 'a failed import was not recorded'))
    } finally {
      await rm(uploadPath(folder, asked.id), { force: true })
    }
  }
}

/** Files of processes that ended while they came in. */
export async function removeOldUploads(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => /^(?:coming|upload)-/.test(one))) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (mtimeMs < Date.now() - 24 * 60 * 60_000) await rm(path, { force: true })
  }
}

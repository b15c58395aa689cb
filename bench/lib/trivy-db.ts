import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** What is kept beside the checkout and no part of it: real databases in trivy-db's format, images, expected results. */
export const sharedFolder = fileURLToPath(new URL('../../../shared/vulndb/', import.meta.url))

/** Layers of `trivy-db:2` artifacts: some advisories, for tests, and all that could be had, for what has to be endured. */
export const databaseArchives = { small: `${sharedFolder}db.tar.gz`, full: `${sharedFolder}db-full.tar.gz` } as const

/** Why nothing can be measured with a database; undefined where it is there. */
export function databaseMissing(archive: string): string | undefined {
  return existsSync(archive) ? undefined : `../shared/vulndb/${archive.slice(sharedFolder.length)} is not there`
}

/**
 * A database as if it had been built an hour ago, as an archive in a new `folder`: a gate takes none that is older than
 * a week, and those beside the checkout age.
 */
export async function freshDatabase(archive: string, folder: string): Promise<string> {
  const content = join(folder, 'content')
  mkdirSync(content, { recursive: true })
  await execute('tar', ['-C', content, '-xzf', archive])
  const metadata = JSON.parse(readFileSync(join(content, 'metadata.json'), 'utf8')) as Record<string, unknown>
  const UpdatedAt = new Date(Date.now() - 3_600_000).toISOString()
  writeFileSync(join(content, 'metadata.json'), JSON.stringify({ ...metadata, UpdatedAt }))
  const fresh = join(folder, 'db.tar.gz')
  await execute('tar', ['-C', content, '-I', 'gzip -1', '-cf', fresh, 'trivy.db', 'metadata.json'])
  return fresh
}

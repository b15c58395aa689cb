import { resolve } from 'node:path'
import type { RestoreResult } from '@breakwater/server'
import type { Command } from 'commander'
import { type CommonOptions, command, configSource, type Finish, print, printJson } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { createProgress, gigabytes } from '../progress.ts'

interface RestoreFlags extends CommonOptions {
  readonly backup?: string
  readonly newSecretKey?: true
}

/** `breakwater restore`: a registry from a backup, where there is none yet. */
export function restoreCommand(finish: Finish): Command {
  return command('restore', 'Fill an empty database and an empty store from a backup; `serve` then starts on them.', [
    'breakwater restore /mnt/backup/breakwater',
    'BREAKWATER_DATA_DIR=/srv/again breakwater restore /mnt/backup --backup 20261126t021500z-9f3a',
  ])
    .argument('<source>', 'folder with backups')
    .option('--backup <id>', 'which of them (default: the newest)')
    .option('--new-secret-key', 'go on where the secret key is lost; every robot then needs a new secret')
    .action(async (source: string, options: RestoreFlags) => {
      const { loadConfig, restoreRegistry } = await import('@breakwater/server')
      const progress = createProgress(process.stderr, options.json === true)
      const result = await restoreRegistry(loadConfig(configSource(options)), {
        source: resolve(source),
        id: options.backup,
        newSecretKey: options.newSecretKey === true,
        report: progress,
      }).finally(() => progress.end())
      if (options.json) printJson(result)
      else print(told(result))
      finish(exitCode.ok)
    })
}

function told({ id, takenAt, rows, blobs, blobBytes, migrated, missing, newSecretKey }: RestoreResult): string {
  return [
    `The registry is as it was at ${takenAt} (backup ${id}): ${rows} rows, ${blobs} blobs, ${gigabytes(blobBytes)} GB.`,
    ...(migrated.length > 0 ? [`Brought to the schema of this version: ${migrated.join(', ')}.`] : []),
    ...(missing.length > 0 ? [`The backup was made without these blobs: ${missing.join(', ')}.`] : []),
    ...(newSecretKey ? ['The secret key is a new one: every robot needs a new secret (breakwater robot rotate).'] : []),
    'Start it with `breakwater serve`.',
  ].join('\n')
}

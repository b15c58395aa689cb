import { resolve } from 'node:path'
import type { BackupResult, Verified } from '@breakwater/server'
import type { Command } from 'commander'
import { type CommonOptions, command, configSource, type Finish, print, printJson } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { createProgress, gigabytes } from '../progress.ts'

interface BackupFlags extends CommonOptions {
  readonly secretKey: boolean
  readonly allowMissing?: true
}

interface VerifyFlags extends CommonOptions {
  readonly backup?: string
}

/** `breakwater backup`: everything that a registry needs to come back. */
export function backupCommand(finish: Finish): Command {
  return command('backup', 'Save names, rights, history and blobs into a folder while the registry runs.', [
    'breakwater backup /mnt/backup/breakwater',
    'BREAKWATER_DATABASE_URL=env:DATABASE_URL breakwater backup /mnt/backup --no-secret-key',
    'breakwater backup verify /mnt/backup/breakwater',
  ])
    .argument('[dest]', 'folder; blobs that earlier backups have brought there are not copied again')
    .option('--no-secret-key', 'leave out the file of the secret key, which every robot secret depends on')
    .option('--allow-missing', 'save everything else where the store has lost a blob')
    .action(async (dest: string | undefined, options: BackupFlags, self: Command) => {
      if (dest === undefined) self.error("error: missing required argument 'dest'")
      else await save(resolve(dest), options, finish)
    })
    .addCommand(verifyCommand(finish))
}

async function save(dest: string, options: BackupFlags, finish: Finish): Promise<void> {
  const { backupRegistry, loadConfig } = await import('@breakwater/server')
  const progress = createProgress(process.stderr, options.json === true)
  const started = Date.now()
  const result = await backupRegistry(loadConfig(configSource(options)), {
    dest,
    withoutSecretKey: !options.secretKey,
    allowMissing: options.allowMissing === true,
    report: progress,
  }).finally(() => progress.end())
  for (const sentence of result.missing) progress.warn(sentence)
  if (options.json) printJson({ dest, ...result })
  else print(told(dest, result, (Date.now() - started) / 1000))
  finish(exitCode.ok)
}

const keySentences: Readonly<Record<BackupResult['secretKey'], string>> = {
  included:
    'The secret key is in it (secret.key, readable by its owner only): who has the backup can sign as this registry.',
  'left out':
    'The secret key is NOT in it. Keep secret.key of the data folder elsewhere: robots cannot log in without it.',
  configured: 'The secret key is NOT in it, because it is in the configuration. Keep it elsewhere.',
}

function told(dest: string, result: BackupResult, seconds: number): string {
  const { id, tables, rows, blobs, blobBytes, copiedBlobs, copiedBytes, secretKey } = result
  const rate = (copiedBytes / 1e6 / Math.max(seconds, 0.001)).toFixed(0)
  return [
    `Backup ${id} is in ${dest}.`,
    `${rows} rows of ${tables} tables; ${blobs} blobs of ${gigabytes(blobBytes)} GB, of which ${copiedBlobs} ` +
      `(${gigabytes(copiedBytes)} GB) were copied now: ${seconds.toFixed(1)} s, ${rate} MB/s.`,
    keySentences[secretKey],
  ].join('\n')
}

function verifyCommand(finish: Finish): Command {
  return command('verify', 'Read a backup whole and compare it with its checksums.', [
    'breakwater backup verify /mnt/backup/breakwater',
  ])
    .argument('<source>', 'folder with backups')
    .option('--backup <id>', 'which of them (default: the newest)')
    .action(async (source: string, options: VerifyFlags) => {
      const { checkBackup } = await import('@breakwater/server')
      const progress = createProgress(process.stderr, options.json === true)
      const verified = await checkBackup({
        source: resolve(source),
        ...(options.backup === undefined ? {} : { id: options.backup }),
        report: progress,
      }).finally(() => progress.end())
      if (options.json) printJson(verified)
      else print(verdict(verified))
      finish(verified.problems.length === 0 ? exitCode.ok : exitCode.failed)
    })
}

function verdict({ id, blobs, blobBytes, problems }: Verified): string {
  if (problems.length === 0) return `Backup ${id} is whole: ${blobs} blobs, ${gigabytes(blobBytes)} GB.`
  return [`Backup ${id} is NOT whole:`, ...problems].join('\n  ')
}

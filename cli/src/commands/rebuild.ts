import type { RebuildResult } from '@breakwater/server'
import type { Command } from 'commander'
import { type CommonOptions, command, configSource, type Finish, print, printJson } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { createProgress, gigabytes } from '../progress.ts'

interface RebuildFlags extends CommonOptions {
  readonly snapshot?: string
  readonly newSecretKey?: true
}

/** `breakwater rebuild`: a registry from its blob store, where the database is lost. */
export function rebuildCommand(finish: Finish): Command {
  return command(
    'rebuild',
    'Fill an empty database from the newest snapshot in the blob store, and say what was lost.',
    ['breakwater rebuild', 'breakwater rebuild --json > lost.json'],
  )
    .option('--snapshot <id>', 'which one (default: the newest that is whole)')
    .option('--new-secret-key', 'go on where the secret key is lost; every robot then needs a new secret')
    .action(async (options: RebuildFlags) => {
      const { loadConfig, rebuildRegistry } = await import('@breakwater/server')
      const progress = createProgress(process.stderr, options.json === true)
      const result = await rebuildRegistry(loadConfig(configSource(options)), {
        id: options.snapshot,
        newSecretKey: options.newSecretKey === true,
        report: progress,
      }).finally(() => progress.end())
      if (options.json) printJson(result)
      else print(told(result))
      finish(exitCode.ok)
    })
}

function told(result: RebuildResult): string {
  const { id, takenAt, rows, passedOver, artifacts, unknownBlobs, unknownBytes, unknownManifests } = result
  return [
    `The names are those of ${takenAt} (snapshot ${id}): ${rows} rows. What was pushed or changed later is lost:`,
    ...passedOver.map((sentence) => `  A newer snapshot was passed over. ${sentence}`),
    `  ${unknownBlobs} blobs (${gigabytes(unknownBytes)} GB) in the store have no name; among them ` +
      `${unknownManifests.length} manifests:`,
    ...unknownManifests.map(({ digest, mediaType }) => `    ${digest}  ${mediaType}`),
    `  ${artifacts.length} artifacts lack bytes:`,
    ...artifacts.map(({ name, tags, missing }) => `    ${name} ${tags.join(' ')}\n      lacks ${missing.join(', ')}`),
    'History (ledger, pulls) is not in snapshots, and everything is scanned again.',
    ...(result.newSecretKey
      ? ['The secret key is a new one: every robot needs a new secret (breakwater robot rotate).']
      : []),
    'Start it with `breakwater serve`.',
  ].join('\n')
}

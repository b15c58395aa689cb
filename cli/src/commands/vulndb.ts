import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { createProgress, megabytes } from '../progress.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { UsageError } from '../usage-error.ts'
import { awaitImport, type DatabaseImport, endedAs } from './vulndb-import.ts'
import { type DatabaseStatus, describeStatus } from './vulndb-status.ts'

const path = '/api/breakwater/v1/vulndb'

/** `breakwater vulndb …` */
export function vulndbCommand(finish: Finish): Command {
  return group('vulndb', 'The database that images are checked against: show, update, bring in.', [
    statusCommand(finish),
    updateCommand(finish),
    importCommand(finish),
  ])
}

interface ImportOptions extends RemoteOptions {
  readonly force?: true
  readonly wait?: boolean
}

function statusCommand(finish: Finish): Command {
  return remoteCommand('status', 'Show which database is in use, how old it is, and the last imports.', [
    'breakwater vulndb status',
    'breakwater vulndb status --json',
  ]).action(async (options: RemoteOptions) => {
    const status = await (await connect(options)).get<DatabaseStatus>(path)
    show(options, status, () => describeStatus(status))
    finish(exitCode.ok)
  })
}

function updateCommand(finish: Finish): Command {
  return importing('update', 'Import the newest database from the configured source, or another.', [
    'breakwater vulndb update',
    'breakwater vulndb update oci:registry.example.com/library/trivy-db:2',
    'breakwater vulndb update file:/srv/trivy-db/db.tar.gz --force',
  ])
    .argument('[source]', "oci:HOST/NAME:TAG, or file:PATH on the server's machine (default: what is configured)")
    .action(async (source: string | undefined, options: ImportOptions) => {
      const client = await connect(options)
      const asked = { ...(source === undefined ? {} : { source }), force: options.force === true }
      const made = await client.send<DatabaseImport>('POST', `${path}/update`, asked)
      await conclude(options, made, (id) => client.get<DatabaseImport>(`${path}/imports/${id}`), finish)
    })
}

function importCommand(finish: Finish): Command {
  return importing('import', 'Send a database to the server: for machines without a way to any source.', [
    'breakwater vulndb import db.tar.gz',
    'breakwater vulndb import db.tar.gz --force',
  ])
    .argument('<file>', 'a db.tar.gz: the layer of a trivy-db artifact')
    .action(async (file: string, options: ImportOptions) => {
      const { size } = await readable(file)
      const client = await connect(options)
      const progress = createProgress(process.stderr, options.json === true)
      const bytes = watched(createReadStream(file, { highWaterMark: 1024 * 1024 }), (done) =>
        progress.step(`sending: ${megabytes(done, size)}`),
      )
      const query = { force: options.force === true }
      const made = await client.upload<DatabaseImport>(`${path}/import`, query, bytes).finally(() => progress.end())
      await conclude(options, made, (id) => client.get<DatabaseImport>(`${path}/imports/${id}`), finish)
    })
}

function importing(name: string, description: string, examples: readonly string[]): Command {
  return remoteCommand(name, description, examples)
    .option('--force', 'also a database that is older or knows less than the one in use')
    .option('--no-wait', 'return when the import has been taken up, not when it is done')
}

async function conclude(
  options: ImportOptions,
  made: DatabaseImport,
  look: (id: number) => Promise<DatabaseImport>,
  finish: Finish,
): Promise<void> {
  const progress = createProgress(process.stderr, options.json === true)
  const last = options.wait === false ? made : await awaitImport(made, look, progress).finally(() => progress.end())
  show(options, last, () => endedAs(last))
  finish(last.state === 'refused' || last.state === 'failed' ? exitCode.failed : exitCode.ok)
}

async function readable(file: string): Promise<{ readonly size: number }> {
  const found = await stat(file).catch((error: Error) => {
    throw new UsageError(`${file} cannot be read (${error.message}).`)
  })
  if (!found.isFile()) throw new UsageError(`${file} is no file; give the db.tar.gz itself.`)
  return found
}

async function* watched(bytes: AsyncIterable<Uint8Array>, onBytes: (done: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0
  for await (const piece of bytes) {
    done += piece.length
    onBytes(done)
    yield piece
  }
}

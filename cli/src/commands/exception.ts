import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { printable, table } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'

interface Exception {
  readonly id: number
  readonly vulnerability: string
  readonly package: string | null
  readonly repository: string | null
  readonly digest: string | null
  readonly reason: string
  readonly author: string
  readonly severity: string
  readonly expires_at: string
  readonly revoked_at: string | null
}

interface Where {
  readonly project?: string
  readonly everywhere?: true
}

/** `breakwater exception …` */
export function exceptionCommand(finish: Finish): Command {
  return group('exception', 'List, grant and revoke exceptions from the vulnerability policy.', [
    listCommand(finish),
    addCommand(finish),
    revokeCommand(finish),
  ])
}

function placed(command: Command): Command {
  return command
    .option('--project <project>', 'the project that it holds in')
    .option('--everywhere', 'it holds in every project, and against the floor (administrators)')
}

function pathOf({ project, everywhere }: Where): string {
  if ((project === undefined) === (everywhere === undefined)) {
    throw new UsageError('Where? Give either --project PROJECT or --everywhere.')
  }
  const within = project === undefined ? '' : `/projects/${encodeURIComponent(project)}`
  return `/api/breakwater/v1${within}/exceptions`
}

function listCommand(finish: Finish): Command {
  return placed(
    remoteCommand('list', 'List the exceptions that hold.', [
      'breakwater exception list --project production',
      'breakwater exception list --everywhere --ended',
    ]),
  )
    .option('--ended', 'those that have ended or were revoked, too')
    .action(async (options: RemoteOptions & Where & { ended?: true }) => {
      const path = pathOf(options)
      const client = await connect(options)
      const found = await client.get<Exception[]>(path, options.ended ? { ended: true } : {})
      show(options, found, () => (found.length === 0 ? 'There are none.' : listOf(found)))
      finish(exitCode.ok)
    })
}

function listOf(found: readonly Exception[]): string {
  return table(
    ['ID', 'VULNERABILITY', 'UP TO', 'FOR', 'UNTIL', 'AUTHOR', 'REASON'],
    found.map((one) => [
      String(one.id),
      one.vulnerability,
      one.severity,
      [one.repository ?? '**', one.digest?.slice(0, 19), one.package].filter(Boolean).join(' '),
      one.revoked_at ? 'revoked' : one.expires_at.slice(0, 10),
      one.author,
      one.reason,
    ]),
  )
}

interface AddOptions extends RemoteOptions, Where {
  readonly reason: string
  readonly package?: string
  readonly repository?: string
  readonly digest?: string
  readonly severity?: string
  readonly until?: string
}

function addCommand(finish: Finish): Command {
  return placed(
    remoteCommand('add', 'Let images pass although they have a vulnerability, for a while and with a reason.', [
      "breakwater exception add CVE-2026-1234 --project production --reason 'not reachable: the module is not loaded'",
      "breakwater exception add CVE-2026-1234 --project production --repository 'payments-*' --until 2026-12-31 --reason …",
    ]),
  )
    .argument('<vulnerability>', 'its id, as findings have it')
    .requiredOption('--reason <text>', 'why this is good enough; it is kept in the ledger')
    .option('--package <name>', 'only where this package has it')
    .option('--repository <pattern>', 'only in these repositories; * within a name, ** across slashes')
    .option('--digest <digest>', 'only for this image')
    .option('--severity <name>', 'up to which severity (default: what it is now; it ends when that rises)')
    .option('--until <date>', 'when it ends (default, and at most: 90 days, unless the floor says otherwise)')
    .action(async (vulnerability: string, options: AddOptions) => {
      const path = pathOf(options)
      const { reason, package: name, repository, digest, severity, until } = options
      const client = await connect(options)
      const made = await client.send<Exception>('POST', path, {
        vulnerability,
        reason,
        package: name,
        repository,
        digest,
        severity,
        expires_at: until,
      })
      show(
        options,
        made,
        () =>
          `Exception ${made.id}: ${printable(made.vulnerability)} passes up to ${made.severity} until ${made.expires_at}.`,
      )
      finish(exitCode.ok)
    })
}

function revokeCommand(finish: Finish): Command {
  return placed(
    remoteCommand('revoke', 'End an exception now.', ['breakwater exception revoke 12 --project production']),
  )
    .argument('<id>', 'its number, from the list')
    .action(async (id: string, options: RemoteOptions & Where) => {
      if (!/^\d{1,15}$/.test(id)) throw new UsageError(`"${id}" is no number of an exception.`)
      const path = `${pathOf(options)}/${id}`
      const client = await connect(options)
      const revoked = await client.send<Exception>('DELETE', path)
      show(options, revoked, () => `Exception ${id} is revoked: ${printable(revoked.vulnerability)} counts again.`)
      finish(exitCode.ok)
    })
}

import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { printable, table } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'

type Settings = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

interface Policy {
  readonly gate?: Settings
  readonly settings: Settings
  readonly breakGlass: { readonly reason: string; readonly by: string; readonly until: string } | null
  readonly floor?: Settings
}

/** `breakwater policy …` */
export function policyCommand(finish: Finish): Command {
  return group('policy', 'Show and change what a project demands of what is pulled, and try a change out.', [
    showCommand(finish),
    setCommand(finish),
    previewCommand(finish),
    breakGlassCommand(finish),
  ])
}

const floor = 'floor'

/** `floor` is no project's policy but what no project can lower. A project of that name is `projects/floor`. */
function pathOf(project: string): string {
  const name = project.replace(/^projects\//, '')
  return project === floor
    ? '/api/breakwater/v1/policy/floor'
    : `/api/breakwater/v1/projects/${encodeURIComponent(name)}/policy`
}

const whose = 'a project, or "floor" for what no project can lower'

function showCommand(finish: Finish): Command {
  return remoteCommand('show', 'Show a policy.', ['breakwater policy show production', 'breakwater policy show floor'])
    .argument('<project>', whose)
    .action(async (project: string, options: RemoteOptions) => {
      const policy = await (await connect(options)).get<Policy>(pathOf(project))
      show(options, policy, () => describe(policy))
      finish(exitCode.ok)
    })
}

function describe({ gate, settings, breakGlass, floor: below }: Policy): string {
  const lines = [
    ...Object.entries(gate ?? {}),
    ...Object.entries(settings),
    ...(breakGlass
      ? ([['glass broken', `until ${breakGlass.until} by ${breakGlass.by}: ${breakGlass.reason}`]] as const)
      : []),
    ...(below && below['severity'] !== null
      ? [['floor', `${String(below['severity'])}, ${String(below['mode'])}`] as const]
      : []),
  ].map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') || '-' : String(value ?? '-')] as const)
  const width = Math.max(...lines.map(([key]) => key.length))
  return lines.map(([key, value]) => `${key.padEnd(width)}  ${printable(value)}`).join('\n')
}

function setCommand(finish: Finish): Command {
  return remoteCommand('set', 'Change settings of a policy; others stay as they are.', [
    'breakwater policy set production mode=warn',
    'breakwater policy set production ignoreUnfixed=true holdSeconds=20 acceptNotCovered=jar',
    'breakwater policy set floor severity=critical',
  ])
    .argument('<project>', whose)
    .argument(
      '<key=value...>',
      'mode, ignoreUnfixed, staleDeny, acceptNotCovered, holdSeconds; floor: severity, exceptionDays',
    )
    .action(async (project: string, given: string[], options: RemoteOptions) => {
      const changes = Object.fromEntries(given.map(readPair))
      const client = await connect(options)
      const { settings } = await client.get<Policy>(pathOf(project))
      const changed = await client.send<Policy>('PUT', pathOf(project), { ...settings, ...changes })
      show(options, changed, () => describe(changed))
      finish(exitCode.ok)
    })
}

function readPair(text: string): [string, string | number | boolean | null | string[]] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError(`"${text}" is not of the form key=value.`)
  const [key, value] = [text.slice(0, equals), text.slice(equals + 1)]
  if (key === 'acceptNotCovered') return [key, value === '' ? [] : value.split(',')]
  if (value === 'true' || value === 'false') return [key, value === 'true']
  if (/^\d{1,9}$/.test(value)) return [key, Number(value)]
  return [key, value === '' ? null : value]
}

interface Preview {
  readonly days: number
  readonly judged: { readonly artifacts: number; readonly pulls: number }
  readonly truncated: boolean
  readonly refused: readonly {
    readonly repository: string
    readonly digest: string
    readonly tags: readonly string[]
    readonly pulls: number
    readonly lastAt: string
    readonly by: readonly string[]
    readonly reasons: readonly { readonly code: string; readonly counts?: Readonly<Record<string, number>> }[]
  }[]
}

interface PreviewOptions extends RemoteOptions {
  readonly days: string
  readonly severity?: string
}

function previewCommand(finish: Finish): Command {
  return remoteCommand('preview', 'Say which pulls of the last days a policy would have refused. Nothing is changed.', [
    'breakwater policy preview production --severity high',
    'breakwater policy preview production --days 90 ignoreUnfixed=true',
  ])
    .argument('<project>')
    .argument('[key=value...]', 'settings to try; others are as they are')
    .option('--days <n>', 'how far back', '30')
    .option('--severity <name>', "Harbor's severity to try: none, low, medium, high or critical")
    .action(async (project: string, given: string[], options: PreviewOptions) => {
      if (!/^\d{1,3}$/.test(options.days)) throw new UsageError('--days takes a whole number.')
      const client = await connect(options)
      const { settings } = await client.get<Policy>(pathOf(project))
      const preview = await client.send<Preview>('POST', `${pathOf(project)}/preview`, {
        days: Number(options.days),
        severity: options.severity,
        settings: { ...settings, ...Object.fromEntries(given.map(readPair)) },
      })
      show(options, preview, () => describePreview(preview))
      finish(exitCode.ok)
    })
}

function describePreview({ days, judged, refused, truncated }: Preview): string {
  const pulls = refused.reduce((sum, one) => sum + one.pulls, 0)
  const head = `${refused.length} of ${judged.artifacts} artifacts, ${pulls} of ${judged.pulls} pulls of the last ${days} days would have been refused.`
  const lines = [head, ...(truncated ? ['Only what was pulled last was judged: there was more.'] : [])]
  if (refused.length === 0) return lines.join('\n')
  const rows = refused.map((one) => [
    one.repository,
    one.tags.join(' ') || one.digest.slice(0, 19),
    String(one.pulls),
    one.lastAt.slice(0, 16).replace('T', ' '),
    one.by.join(' '),
    one.reasons
      .map(({ code, counts }) => [code, ...Object.entries(counts ?? {}).map(([name, n]) => `${n} ${name}`)].join(' '))
      .join('; '),
  ])
  return [...lines, '', table(['REPOSITORY', 'TAGS', 'PULLS', 'LAST', 'BY', 'WHY'], rows)].join('\n')
}

function breakGlassCommand(finish: Finish): Command {
  return remoteCommand('break-glass', 'Put up with a vulnerability database that is too old, for 24 hours.', [
    "breakwater policy break-glass production --reason 'mirror is down, INC-4711'",
    'breakwater policy break-glass production --end',
  ])
    .argument('<project>', whose)
    .option('--reason <text>', 'why; it is kept in the ledger and shown with every verdict')
    .option('--end', 'no longer')
    .action(async (project: string, options: RemoteOptions & { reason?: string; end?: true }) => {
      const { reason, end } = options
      if ((reason === undefined) === (end === undefined)) throw new UsageError('Give either --reason TEXT or --end.')
      const path = `${pathOf(project)}/break-glass`
      const client = await connect(options)
      if (end) {
        await client.send('DELETE', path)
        show(options, { ended: project }, () => 'The glass is whole again.')
      } else {
        const glass = await client.send<NonNullable<Policy['breakGlass']>>('POST', path, { reason })
        show(options, glass, () => `The glass is broken until ${glass.until}.`)
      }
      finish(exitCode.ok)
    })
}

import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { printable, table } from '../remote/table.ts'

const path = '/api/breakwater/v1/collection'

/** What the API says of one run. */
interface Run {
  readonly id: number
  readonly trigger: string
  readonly state: 'Pending' | 'Running' | 'Success' | 'Error' | 'Stopped'
  readonly dryRun?: boolean
  readonly counts: { readonly blobs?: number; readonly bytes?: number }
  readonly createdAt: string
  readonly log?: string
}

interface Status {
  readonly undoSeconds: number
  readonly graceSeconds: number
  readonly waiting: {
    readonly reviews: number
    readonly doomed: number
    readonly doomedBytes: number
    readonly deleting: number
  }
  readonly week: { readonly blobs: number; readonly bytes: number }
  readonly runs: readonly Run[]
}

/** `breakwater gc …` */
export function gcCommand(finish: Finish): Command {
  return group('gc', 'Garbage collection, which goes on all the time: show it, run it now, or ask what would go.', [
    statusCommand(finish),
    runCommand(finish),
  ])
}

function statusCommand(finish: Finish): Command {
  return remoteCommand('status', 'Show what waits, what was deleted lately, and the last runs.', [
    'breakwater gc status',
    'breakwater gc status --json',
  ]).action(async (options: RemoteOptions) => {
    const status = await (await connect(options)).get<Status>(path)
    show(options, status, () => describe(status))
    finish(exitCode.ok)
  })
}

interface RunOptions extends RemoteOptions {
  readonly dryRun?: true
  readonly deleteUntagged?: true
  readonly strays?: true
  readonly wait?: boolean
}

function runCommand(finish: Finish): Command {
  return remoteCommand('run', 'Collect at once what is due, or say what would go.', [
    'breakwater gc run --dry-run',
    'breakwater gc run',
    'breakwater gc run --delete-untagged',
    'breakwater gc run --strays --dry-run',
  ])
    .option('--dry-run', 'say what would go, and change nothing')
    .option('--delete-untagged', 'delete artifacts without a tag first')
    .option('--strays', 'doom bytes of the store that have no record, too; see first what --dry-run says of them')
    .option('--no-wait', 'return when the run has been taken up, not when it is done')
    .action(async (options: RunOptions) => {
      const client = await connect(options)
      const asked = {
        dryRun: options.dryRun === true,
        deleteUntagged: options.deleteUntagged === true,
        strays: options.strays === true,
      }
      let run = await client.send<Run>('POST', `${path}/runs`, asked)
      while (options.wait !== false && (run.state === 'Pending' || run.state === 'Running')) {
        await wait(200)
        run = await client.get<Run>(`${path}/runs/${run.id}`)
      }
      show(options, run, () => (run.log ? withoutTimes(run.log) : `run ${run.id} is ${run.state.toLowerCase()}`))
      finish(run.state === 'Error' || run.state === 'Stopped' ? exitCode.failed : exitCode.ok)
    })
}

function describe({ undoSeconds, graceSeconds, waiting, week, runs }: Status): string {
  const lines: readonly (readonly [string, string])[] = [
    ['waiting', `${waiting.reviews} to be looked at when they have been unused for ${undoSeconds} s`],
    ['doomed', `${waiting.doomed} blobs, ${waiting.doomedBytes} bytes: they go ${graceSeconds} s after that`],
    ['deleting', `${waiting.deleting} blobs`],
    ['last 7 days', `${week.blobs} blobs deleted, ${week.bytes} bytes`],
  ]
  const facts = lines.map(([name, value]) => `${name.padEnd(11)}  ${value}`).join('\n')
  if (runs.length === 0) return facts
  const rows = runs.map((run) => [
    String(run.id),
    run.createdAt.replace('T', ' ').slice(0, 16),
    run.trigger,
    run.state,
    String(run.counts.blobs ?? 0),
    String(run.counts.bytes ?? 0),
    run.dryRun ? 'dry run' : '',
  ])
  return `${facts}\n\n${table(['RUN', 'ASKED FOR', 'BY', 'STATE', 'BLOBS', 'BYTES', ''], rows)}`
}

/** The lines of a run's log as sentences. */
function withoutTimes(log: string): string {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => printable(line.replace(/^\S+Z /, '')))
    .join('\n')
}

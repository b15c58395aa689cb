import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { table } from '../remote/table.ts'

const path = '/api/breakwater/v1/scrub'

/** What the API says. */
interface Status {
  /** The one that goes on, or the last one. */
  readonly pass?: {
    readonly begunAt: string
    readonly endedAt?: string
    readonly blobs: number
    readonly bytes: number
    readonly damaged: number
    readonly healed: number
  }
  readonly damagedCount: number
  readonly damaged: readonly {
    readonly digest: string
    readonly size: number
    readonly since: string
    readonly repositories: readonly string[]
  }[]
}

/** `breakwater scrub …` */
export function scrubCommand(finish: Finish): Command {
  return group('scrub', 'Looks whether what is stored is still what was pushed: show it, or begin it now.', [
    statusCommand(finish),
    runCommand(finish),
  ])
}

function statusCommand(finish: Finish): Command {
  return remoteCommand('status', 'Show how far it is, and what is damaged; exit code 1 where something is.', [
    'breakwater scrub status',
    'breakwater scrub status --json',
  ]).action(async (options: RemoteOptions) => {
    const status = await (await connect(options)).get<Status>(path)
    show(options, status, () => describe(status))
    finish(status.damagedCount > 0 ? exitCode.failed : exitCode.ok)
  })
}

function runCommand(finish: Finish): Command {
  return remoteCommand('run', 'Begin a pass over all blobs, now or when the one that goes on has ended.', [
    'breakwater scrub run',
  ]).action(async (options: RemoteOptions) => {
    const status = await (await connect(options)).send<Status>('POST', `${path}/runs`)
    show(options, status, () => 'a pass begins; `breakwater scrub status` shows how far it is')
    finish(exitCode.ok)
  })
}

function describe({ pass, damagedCount, damaged }: Status): string {
  const lines = [
    pass === undefined ? 'no pass has begun' : `pass begun ${shortened(pass.begunAt)}, ${ending(pass.endedAt)}`,
    ...(pass
      ? [
          `${pass.blobs} blobs read, ${pass.bytes} bytes; ${pass.damaged} were damaged, ${pass.healed} of them are healed`,
        ]
      : []),
    `${damagedCount} blobs are damaged and not served`,
  ]
  if (damaged.length === 0) return lines.join('\n')
  const rows = damaged.map(({ digest, size, since, repositories }) => [
    digest,
    String(size),
    shortened(since),
    repositories.join(', '),
  ])
  return `${lines.join('\n')}\n\n${table(['BLOB', 'BYTES', 'FOUND', 'IN'], rows)}`
}

const ending = (at: string | undefined) => (at === undefined ? 'goes on' : `ended ${shortened(at)}`)

const shortened = (time: string) => time.replace('T', ' ').slice(0, 16)

import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { remoteCommand, show } from '../remote/remote-command.ts'
import { printable } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'

interface Explanation {
  readonly allowed: boolean
  readonly because: string
  readonly checked: readonly { readonly held: boolean; readonly detail: string }[]
}

/** `breakwater why-access`: which grant lets somebody do something, or which is missing. */
export function whyAccessCommand(finish: Finish): Command {
  return remoteCommand('why-access', 'Say why somebody may or may not do something.', [
    "breakwater why-access 'robot$staging+ci-pusher' push staging",
    'breakwater why-access alice delete staging/app',
    'breakwater why-access anonymous pull library',
    'breakwater why-access user:alice user:create system',
  ])
    .argument('<who>', 'a user, a robot with its prefix, user:NAME, robot:NAME, or anonymous')
    .argument('<what>', 'pull, push, delete, or a permission such as member:create')
    .argument('[on]', 'a project, project/repository, or system', 'system')
    .action(async (who: string, what: string, on: string, options: RemoteOptions) => {
      if (on === 'system' && !what.includes(':')) throw new UsageError(`Where? Name the project after ${what}.`)
      const client = await connect(options)
      const path = '/api/breakwater/v1/access/explain'
      const explanation = await client.get<Explanation>(path, { who, action: what, on })
      show(options, explanation, () => describe(explanation))
      finish(exitCode.ok)
    })
}

function describe({ allowed, because, checked }: Explanation): string {
  const lines = checked.map(({ held, detail }) => `  ${held ? 'yes' : 'no '}  ${printable(detail)}`)
  const head = allowed ? 'Allowed.' : 'Not allowed.'
  return [lines.length > 1 ? head : `${head} ${printable(because)}`, ...(lines.length > 1 ? lines : [])].join('\n')
}

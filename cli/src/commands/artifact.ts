import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { printable, table } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'
import { readImage } from './image-reference.ts'

const path = '/api/breakwater/v1/deleted-artifacts'

/** What the API says of an artifact that can be brought back. */
interface Deleted {
  readonly repository: string
  readonly digest: string
  readonly tags: readonly string[]
  readonly deleted_at: string
  readonly deleted_by: string
  readonly restorable_until: string
}

interface Restored {
  readonly repository: string
  readonly digest: string
  readonly restored: readonly string[]
  readonly tags: readonly string[]
  readonly tags_taken: readonly { readonly name: string; readonly digest?: string }[]
  readonly accessories_lost: readonly string[]
}

/** `breakwater artifact …` */
export function artifactCommand(finish: Finish): Command {
  return group('artifact', 'Artifacts that were deleted lately: list them, and bring them back.', [
    deletedCommand(finish),
    restoreCommand(finish),
  ])
}

function deletedCommand(finish: Finish): Command {
  return remoteCommand('deleted', 'List what was deleted and can be brought back, the newest first.', [
    'breakwater artifact deleted production',
    'breakwater artifact deleted production/shop/cart',
  ])
    .argument('<project>', 'a project, or a repository as project/name')
    .action(async (where: string, options: RemoteOptions) => {
      const client = await connect(options)
      const found = await client.get<Deleted[]>(path, where.includes('/') ? { repository: where } : { project: where })
      show(options, found, () => (found.length === 0 ? 'There is nothing to bring back.' : listOf(found)))
      finish(exitCode.ok)
    })
}

function listOf(found: readonly Deleted[]): string {
  return table(
    ['ARTIFACT', 'TAGS', 'DELETED', 'BY', 'UNTIL'],
    found.map((one) => [
      `${one.repository}@${one.digest}`,
      one.tags.join(' '),
      minute(one.deleted_at),
      one.deleted_by,
      minute(one.restorable_until),
    ]),
  )
}

const minute = (time: string) => time.replace('T', ' ').slice(0, 16)

function restoreCommand(finish: Finish): Command {
  return remoteCommand('restore', 'Bring back a deleted artifact with its tags, what it lists and its accessories.', [
    'breakwater artifact restore production/shop/cart@sha256:…',
  ])
    .argument('<artifact>', 'project/name@digest, from the list')
    .action(async (artifact: string, options: RemoteOptions) => {
      const { repository, reference: digest } = readImage(artifact)
      if (!artifact.includes('@')) throw new UsageError(`"${artifact}" has no digest: write project/name@sha256:…`)
      const client = await connect(options)
      const restored = await client.send<Restored>('POST', `${path}/restore`, { repository, digest })
      show(options, restored, () => told(restored))
      finish(exitCode.ok)
    })
}

function told({ repository, digest, restored, tags, tags_taken: taken, accessories_lost: lost }: Restored): string {
  const more = restored.length > 1 ? `, with ${restored.length - 1} more that it lists or that belong to it` : ''
  return [
    `${repository}@${digest} is back${more}.`,
    ...(tags.length > 0 ? [`Tags: ${tags.join(', ')}`] : []),
    ...taken.map((tag) => `Tag ${tag.name} was left alone: it names ${tag.digest ?? 'something else'} by now.`),
    ...lost.map((one) => `${one} belonged to it and is gone.`),
  ]
    .map(printable)
    .join('\n')
}

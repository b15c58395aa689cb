import { readFileSync } from 'node:fs'
import { projectOf, repositoryInProject } from '@breakwater/oci'
import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { printable, table } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'
import { readImage } from './image-reference.ts'

interface Key {
  readonly name: string
  readonly fingerprint: string
  readonly algorithm: string
  readonly repositories: readonly string[] | null
  readonly valid_until: string | null
  readonly compromised_at: string | null
}

interface Trust {
  readonly requirement: 'any' | 'all' | number
  readonly keys: readonly Key[]
  /** Of a project: what holds for it beside its own keys. */
  readonly system?: { readonly keys: readonly Key[] }
}

interface Tested {
  readonly repository: string
  readonly digest: string
  readonly keys: readonly { readonly name: string; readonly everywhere: boolean; readonly verifies: boolean }[]
  readonly signatures: readonly {
    readonly kind: string
    readonly layout: string | null
    readonly detail?: string
    readonly results: readonly { readonly key: string; readonly code?: string }[]
  }[]
}

interface Where {
  readonly project?: string
  readonly everywhere?: true
}

/** `breakwater trust …` */
export function trustCommand(finish: Finish): Command {
  return group('trust', 'Say whose signatures count, and try it out.', [
    listCommand(finish),
    addCommand(finish),
    removeCommand(finish),
    testCommand(finish),
  ])
}

function placed(command: Command): Command {
  return command
    .option('--project <project>', 'the project that it holds in')
    .option('--everywhere', 'it holds in every project (administrators)')
}

function pathOf({ project, everywhere }: Where): string {
  if ((project === undefined) === (everywhere === undefined)) {
    throw new UsageError('Where? Give either --project PROJECT or --everywhere.')
  }
  const within = project === undefined ? '' : `/projects/${encodeURIComponent(project)}`
  return `/api/breakwater/v1${within}/trust`
}

function listCommand(finish: Finish): Command {
  return placed(
    remoteCommand('list', 'List the keys whose signatures count.', ['breakwater trust list --project production']),
  ).action(async (options: RemoteOptions & Where) => {
    const path = pathOf(options)
    const found = await (await connect(options)).get<Trust>(path)
    const rows = [
      ...found.keys.map((key) => rowOf(key, options.project ?? 'everywhere')),
      ...(found.system?.keys ?? []).map((key) => rowOf(key, 'everywhere')),
    ]
    show(options, found, () =>
      rows.length === 0
        ? 'There are none: no signature can be verified.'
        : `${table(['NAME', 'KEY', 'ALGORITHM', 'IN', 'FOR', 'STATE'], rows)}\nRequired: ${requirementOf(found)}.`,
    )
    finish(exitCode.ok)
  })
}

function rowOf(key: Key, where: string): string[] {
  const until = key.valid_until ? `until ${key.valid_until}` : 'holds'
  return [
    key.name,
    `SHA256:${key.fingerprint.slice(0, 16)}`,
    key.algorithm,
    where,
    key.repositories?.join(' ') ?? '**',
    key.compromised_at ? `compromised ${key.compromised_at}` : until,
  ]
}

function requirementOf({ requirement }: Trust): string {
  if (requirement === 'any') return 'a signature of one of them'
  return requirement === 'all' ? 'signatures of all of them' : `signatures of ${requirement} of them`
}

interface AddOptions extends RemoteOptions, Where {
  readonly key: string
  readonly repository?: readonly string[]
  readonly until?: string
}

function addCommand(finish: Finish): Command {
  return placed(
    remoteCommand('add', 'Let the signatures of a key count.', [
      'breakwater trust add ci --key cosign.pub --project production',
      "breakwater trust add payments --key payments.pub --project production --repository 'payments-*' --until 2027-01-01T00:00:00Z",
    ]),
  )
    .argument('<name>', 'what to call it')
    .requiredOption('--key <file>', 'the public key (PEM), as cosign writes it')
    .option(
      '--repository <pattern...>',
      'only for these repositories, without the project; * within a name, ** across slashes',
    )
    .option('--until <time>', 'signatures that are first seen later do not count')
    .action(async (name: string, options: AddOptions) => {
      const path = pathOf(options)
      const body = { name, key: readKey(options.key), repositories: options.repository, valid_until: options.until }
      const made = await (await connect(options)).send<Key>('POST', path, body)
      show(options, made, () => `Signatures of ${printable(made.name)} (SHA256:${made.fingerprint}) count.`)
      finish(exitCode.ok)
    })
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--key: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function removeCommand(finish: Finish): Command {
  return placed(
    remoteCommand('remove', 'No longer let the signatures of a key count.', [
      'breakwater trust remove ci --project production',
      'breakwater trust remove ci --project production --compromised',
    ]),
  )
    .argument('<name>', 'its name, from the list')
    .option('--compromised', 'keep it in the list as one that somebody else has: nothing it ever signed counts')
    .action(async (name: string, options: RemoteOptions & Where & { compromised?: true }) => {
      const path = `${pathOf(options)}/${encodeURIComponent(name)}`
      const client = await connect(options)
      const done = options.compromised
        ? await client.send<Key>('PUT', path, { compromised: true })
        : await client.send<undefined>('DELETE', path)
      show(options, done ?? {}, () => `Signatures of ${printable(name)} do not count any more.`)
      finish(exitCode.ok)
    })
}

function testCommand(finish: Finish): Command {
  return remoteCommand('test', 'Say which signatures of an image verify with which keys. Fails where none does.', [
    'breakwater trust test production/payments-api:1.2',
  ])
    .argument('<image>', 'project/name:tag or project/name@digest')
    .action(async (image: string, options: RemoteOptions) => {
      const { repository, reference } = readImage(image)
      const path = `/api/breakwater/v1/projects/${encodeURIComponent(projectOf(repository))}/trust/test`
      const body = { repository: repositoryInProject(repository), reference }
      const tested = await (await connect(options)).send<Tested>('POST', path, body)
      show(options, tested, () => testedText(tested))
      finish(tested.keys.some(({ verifies }) => verifies) ? exitCode.ok : exitCode.failed)
    })
}

function testedText({ repository, digest, keys, signatures }: Tested): string {
  const lines = keys.map(({ name, verifies }) => `  ${verifies ? 'verifies' : 'does not'}  ${printable(name)}`)
  const rows = signatures.map(({ kind, layout, detail, results }) => [
    kind,
    layout ?? '',
    results.map(({ key, code }) => `${key}: ${code ?? 'not tried'}`).join(', '),
    detail ?? '',
  ])
  const found = rows.length === 0 ? 'Nothing is attached.' : table(['ATTACHED', 'LAYOUT', 'RESULT', 'DETAIL'], rows)
  return `${repository}@${digest}\n${lines.join('\n')}${lines.length > 0 ? '\n' : ''}\n${found}`
}

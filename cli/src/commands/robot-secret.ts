import { open, rename, rm } from 'node:fs/promises'
import type { RobotCreate, RobotCreated, RobotPermission, RobotSec } from '@breakwater/harbor-contract'
import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect, harbor } from '../remote/client.ts'
import { remoteCommand, show } from '../remote/remote-command.ts'
import { UsageError } from '../usage-error.ts'
import { endOf, findRobot, type RobotOptions } from './robot-view.ts'

interface SecretOptions extends RobotOptions {
  readonly secretFile?: string
}
interface CreateOptions extends SecretOptions {
  readonly allProjects?: true
  readonly allow?: string
  readonly allowSystem?: string
  readonly expires: string
  readonly description?: string
}

/** `breakwater robot create`: the secret is shown this once. */
export function createCommand(finish: Finish): Command {
  return withSecretFile(
    remoteCommand('create', 'Make a robot and show its secret, once.', [
      'breakwater robot create ci-pusher --project staging --allow pull,push',
      'breakwater robot create mirror --all-projects --allow pull --expires never --secret-file mirror.secret',
      'breakwater robot create provisioner --allow-system project:create,project:list',
    ])
      .argument('<name>', 'without prefix and project')
      .option('--project <project>', 'a robot of this project, for this project only')
      .option('--all-projects', 'a robot of the system, for every project')
      .option('--allow <actions>', 'pull, push, delete, verify, or permissions such as artifact:read, with commas')
      .option('--allow-system <permissions>', 'permissions that belong to no project, with commas')
      .option('--expires <time>', 'days such as 30d, or never', '30d')
      .option('--description <text>', 'what the robot is for'),
  ).action(async (name: string, options: CreateOptions) => {
    const body: RobotCreate = {
      name,
      level: options.project === undefined ? 'system' : 'project',
      duration: readDuration(options.expires),
      permissions: readPermissions(options),
      ...(options.description === undefined ? {} : { description: options.description }),
    }
    const client = await connect(options)
    const made = await keepSecret(options, () => client.send<RobotCreated>('POST', `${harbor}/robots`, body))
    const end = endOf(made)
    const life = end === 'never' ? 'never ends' : `ends on ${end}`
    show(options, withoutKept(made, options), () =>
      [`${made.name} is there, and ${life}.`, secretLine(made, options)].join('\n'),
    )
    finish(exitCode.ok)
  })
}

/** `breakwater robot rotate`: a new secret; the old one ends at once. */
export function rotateCommand(finish: Finish): Command {
  return withSecretFile(
    remoteCommand('rotate', 'Give a robot a new secret and show it, once; the old one ends at once.', [
      "breakwater robot rotate 'robot$staging+ci-pusher' --secret-file ci.secret",
    ])
      .argument('<name>', 'as the list shows it, or without the prefix')
      .option('--project <project>', "the robot's project, where the name does not say it"),
  ).action(async (name: string, options: SecretOptions) => {
    const client = await connect(options)
    const robot = await findRobot(client, name, options)
    const path = `${harbor}/robots/${robot.id}`
    const { secret } = await keepSecret(options, () => client.send<RobotSec>('PATCH', path, { secret: '' }))
    const rotated = { name: robot.name ?? name, secret: secret ?? '' }
    show(options, withoutKept(rotated, options), () =>
      [`${rotated.name} has a new secret.`, secretLine(rotated, options)].join('\n'),
    )
    finish(exitCode.ok)
  })
}

function withSecretFile(command: Command): Command {
  return command.option(
    '--secret-file <file>',
    'write the secret into this file, for its owner only, and do not show it',
  )
}

/** The file is opened before the secret is made: one that could not be written down would be lost. */
async function keepSecret<T extends RobotSec>({ secretFile }: SecretOptions, make: () => Promise<T>): Promise<T> {
  if (secretFile === undefined) return make()
  const temporary = `${secretFile}.new`
  const file = await open(temporary, 'wx', 0o600)
  try {
    const made = await make()
    await file.writeFile(`${made.secret}\n`)
    await rename(temporary, secretFile)
    return made
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

function withoutKept<T extends RobotSec>(made: T, { secretFile }: SecretOptions): object {
  if (secretFile === undefined) return made
  const { secret: _, ...rest } = made
  return { ...rest, secret_file: secretFile }
}

function secretLine({ secret }: RobotSec, { secretFile }: SecretOptions): string {
  return secretFile === undefined
    ? `Secret: ${secret}\nIt is not shown again; \`breakwater robot rotate\` makes a new one.`
    : `Its secret is in ${secretFile}.`
}

function readDuration(text: string): number {
  if (text === 'never') return -1
  const [, days] = /^([1-9]\d{0,5})d$/.exec(text) ?? []
  if (days === undefined)
    throw new UsageError(`--expires: "${text}" is neither a number of days such as 30d nor never.`)
  return Number(days)
}

function readPermissions({ project, allProjects, allow, allowSystem }: CreateOptions): RobotPermission[] {
  if (project !== undefined && (allProjects || allowSystem !== undefined)) {
    throw new UsageError(
      'A robot of a project has rights there only: leave out --project, or --all-projects and --allow-system.',
    )
  }
  const inProjects = project !== undefined || allProjects === true
  if (inProjects !== (allow !== undefined)) {
    throw new UsageError('--allow says what the robot may do, --project or --all-projects says where: give both.')
  }
  if (!inProjects && allowSystem === undefined) {
    throw new UsageError(
      'Say what the robot may do: --project with --allow, --all-projects with --allow, or --allow-system.',
    )
  }
  return [
    ...(allow === undefined
      ? []
      : [{ kind: 'project', namespace: project ?? '*', access: readAccess('--allow', allow) }]),
    ...(allowSystem === undefined
      ? []
      : [{ kind: 'system', namespace: '/', access: readAccess('--allow-system', allowSystem) }]),
  ]
}

function readAccess(option: string, text: string): { resource: string; action: string }[] {
  return text.split(',').map((part) => {
    const given = part.trim()
    const permission = ['pull', 'push', 'delete', 'verify'].includes(given) ? `repository:${given}` : given
    const [, resource, action] = /^([a-z-]+):([a-z-]+)$/.exec(permission) ?? []
    if (resource === undefined || action === undefined) {
      throw new UsageError(
        `${option}: "${given}" is none of pull, push, delete and verify, nor of the form resource:action.`,
      )
    }
    return { resource, action }
  })
}

import type { ProjectMember, ProjectMemberEntity, UserGroup } from '@breakwater/harbor-contract'
import { type Command, Option } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { type Client, connect, harbor } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { table } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'
import { projectPath } from './project.ts'

/** Harbor's ids. */
const roles = { projectAdmin: 1, maintainer: 4, developer: 2, guest: 3, limitedGuest: 5 } as const

interface WhoOptions extends RemoteOptions {
  readonly group?: string
}
interface RoleOptions extends WhoOptions {
  readonly role: keyof typeof roles
}
interface Who {
  readonly kind: 'user' | 'group'
  readonly name: string
}

/** `breakwater member …` */
export function memberCommand(finish: Finish): Command {
  return group('member', 'Say who has which role in a project.', [
    listCommand(finish),
    addCommand(finish),
    setRoleCommand(finish),
    removeCommand(finish),
  ])
}

function listCommand(finish: Finish): Command {
  return remoteCommand('list', 'List the users and groups that have a role.', ['breakwater member list staging'])
    .argument('<project>')
    .action(async (project: string, options: RemoteOptions) => {
      const client = await connect(options)
      const members = await client.list<ProjectMemberEntity>(`${projectPath(project)}/members`)
      show(options, members, () =>
        table(
          ['NAME', 'KIND', 'ROLE'],
          members.map((member) => [member.entity_name ?? '', kindOf(member), member.role_name ?? '']),
        ),
      )
      finish(exitCode.ok)
    })
}

function addCommand(finish: Finish): Command {
  return withWho(
    withRole(
      remoteCommand('add', 'Give a user or a group a role.', [
        'breakwater member add staging alice --role developer',
        'breakwater member add staging --group ops --role maintainer',
      ]),
    ),
  ).action(async (project: string, user: string | undefined, options: RoleOptions) => {
    const who = readWho(user, options)
    const client = await connect(options)
    const body: ProjectMember = {
      role_id: roles[options.role],
      ...(who.kind === 'user'
        ? { member_user: { username: who.name } }
        : { member_group: { id: await findGroupId(client, who.name) } }),
    }
    await client.send('POST', `${projectPath(project)}/members`, body)
    await report(client, project, who, options)
    finish(exitCode.ok)
  })
}

function setRoleCommand(finish: Finish): Command {
  return withWho(
    withRole(
      remoteCommand('set-role', 'Give a member another role.', [
        'breakwater member set-role staging alice --role guest',
      ]),
    ),
  ).action(async (project: string, user: string | undefined, options: RoleOptions) => {
    const who = readWho(user, options)
    const client = await connect(options)
    const { id } = await findMember(client, project, who)
    await client.send('PUT', `${projectPath(project)}/members/${id}`, { role_id: roles[options.role] })
    await report(client, project, who, options)
    finish(exitCode.ok)
  })
}

function removeCommand(finish: Finish): Command {
  return withWho(
    remoteCommand('remove', 'Take a role away; a user may have another one through a group.', [
      'breakwater member remove staging alice',
    ]),
  ).action(async (project: string, user: string | undefined, options: WhoOptions) => {
    const who = readWho(user, options)
    const client = await connect(options)
    const member = await findMember(client, project, who)
    await client.send('DELETE', `${projectPath(project)}/members/${member.id}`)
    show(options, { removed: member }, () => `${nameOf(who)} is no longer a member of project ${project}.`)
    finish(exitCode.ok)
  })
}

function withWho(command: Command): Command {
  return command.argument('<project>').argument('[user]').option('--group <group>', 'a group, instead of a user')
}

function withRole(command: Command): Command {
  return command.addOption(new Option('--role <role>', 'the role').choices(Object.keys(roles)).makeOptionMandatory())
}

function readWho(user: string | undefined, { group: named }: WhoOptions): Who {
  if (user !== undefined && named === undefined) return { kind: 'user', name: user }
  if (user === undefined && named !== undefined) return { kind: 'group', name: named }
  throw new UsageError('Name either a user after the project, or a group with --group.')
}

function nameOf({ kind, name }: Who): string {
  return `${kind === 'user' ? 'User' : 'Group'} ${name}`
}

async function report(client: Client, project: string, who: Who, options: RoleOptions): Promise<void> {
  const member = await findMember(client, project, who)
  show(options, member, () => `${nameOf(who)} is ${options.role} of project ${project}.`)
}

async function findMember(client: Client, project: string, who: Who): Promise<ProjectMemberEntity> {
  const named = { entityname: who.name }
  const members = await client.list<ProjectMemberEntity>(`${projectPath(project)}/members`, named)
  const found = members.find(
    (one) => kindOf(one) === who.kind && one.entity_name?.toLowerCase() === who.name.toLowerCase(),
  )
  if (!found) throw new Error(`${nameOf(who)} has no role of its own in project ${project}.`)
  return found
}

function kindOf({ entity_type: type }: ProjectMemberEntity): 'user' | 'group' {
  return type === 'g' ? 'group' : 'user'
}

async function findGroupId(client: Client, name: string): Promise<number> {
  const groups = await client.list<UserGroup>(`${harbor}/usergroups/search`, { groupname: name })
  const found = groups.find((one) => one.group_name === name)
  if (found?.id === undefined) throw new Error(`There is no group ${name}.`)
  return found.id
}

import type { UserResp, UserSearchRespItem } from '@breakwater/harbor-contract'
import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { type Client, connect, harbor } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { askSecret, secretFromFile } from '../remote/secret-input.ts'
import { table } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'

interface NewPasswordOptions extends RemoteOptions {
  readonly newPasswordFile?: string
}
interface CreateOptions extends NewPasswordOptions {
  readonly email: string
  readonly realname?: string
  readonly comment?: string
  readonly admin?: true
}

/** `breakwater user …` */
export function userCommand(finish: Finish): Command {
  return group('user', 'List, make, change and delete users.', [
    listCommand(finish),
    createCommand(finish),
    setPasswordCommand(finish),
    setAdminCommand(finish),
    deleteCommand(finish),
  ])
}

function listCommand(finish: Finish): Command {
  return remoteCommand('list', 'List all users.', ['breakwater user list', 'breakwater user list --json']).action(
    async (options: RemoteOptions) => {
      const client = await connect(options)
      const users = await client.list<UserResp>(`${harbor}/users`, { sort: 'username' })
      show(options, users, () =>
        table(
          ['NAME', 'ADMINISTRATOR', 'E-MAIL', 'REAL NAME', 'SINCE'],
          users.map((user) => [
            user.username ?? '',
            user.sysadmin_flag ? 'yes' : 'no',
            user.email ?? '',
            user.realname ?? '',
            (user.creation_time ?? '').slice(0, 10),
          ]),
        ),
      )
      finish(exitCode.ok)
    },
  )
}

function createCommand(finish: Finish): Command {
  return withNewPassword(
    remoteCommand('create', 'Make a user. The password is asked for, or read from a file.', [
      'breakwater user create alice --email alice@example.com',
      'breakwater user create bob --email bob@example.com --new-password-file bob.txt',
    ])
      .argument('<name>')
      .requiredOption('--email <address>', "the user's e-mail address, which works as a name for logins, too")
      .option('--realname <name>', 'the name as people know it (default: the user name)')
      .option('--comment <text>', 'at most 30 characters')
      .option('--admin', 'make the user a system administrator'),
  ).action(async (name: string, options: CreateOptions) => {
    const password = await newPassword(name, options)
    const client = await connect(options)
    await client.send('POST', `${harbor}/users`, {
      username: name,
      email: options.email,
      realname: options.realname ?? name,
      comment: options.comment ?? '',
      password,
    })
    const id = await findUserId(client, name)
    if (options.admin) await setAdmin(client, id, true)
    const user = await client.get<UserResp>(`${harbor}/users/${id}`)
    show(options, user, () => `User ${name} is there${options.admin ? ', as a system administrator' : ''}.`)
    finish(exitCode.ok)
  })
}

function setPasswordCommand(finish: Finish): Command {
  return withNewPassword(
    remoteCommand('set-password', 'Give a user, or yourself, a new password; it ends all logins with the old one.', [
      'breakwater user set-password alice',
      'breakwater user set-password alice --new-password-file - < secret.txt',
    ]).argument('<name>'),
  ).action(async (name: string, options: NewPasswordOptions) => {
    const password = await newPassword(name, options)
    const client = await connect(options)
    const self = name.toLowerCase() === client.user.toLowerCase()
    await client.send('PUT', `${harbor}/users/${await findUserId(client, name)}/password`, {
      ...(self ? { old_password: client.password } : {}),
      new_password: password,
    })
    show(options, { changed: name }, () => `User ${name} has a new password.`)
    finish(exitCode.ok)
  })
}

function setAdminCommand(finish: Finish): Command {
  return remoteCommand('set-admin', 'Make a user a system administrator, or take that away.', [
    'breakwater user set-admin alice',
    'breakwater user set-admin alice --revoke',
  ])
    .argument('<name>')
    .option('--revoke', 'make the user an ordinary one')
    .action(async (name: string, options: RemoteOptions & { revoke?: true }) => {
      const client = await connect(options)
      const id = await findUserId(client, name)
      await setAdmin(client, id, options.revoke !== true)
      show(options, await client.get<UserResp>(`${harbor}/users/${id}`), () =>
        options.revoke ? `User ${name} is an ordinary user.` : `User ${name} is a system administrator.`,
      )
      finish(exitCode.ok)
    })
}

function deleteCommand(finish: Finish): Command {
  return remoteCommand('delete', 'Delete a user. Robots that the user has made stay.', ['breakwater user delete alice'])
    .argument('<name>')
    .action(async (name: string, options: RemoteOptions) => {
      const client = await connect(options)
      await client.send('DELETE', `${harbor}/users/${await findUserId(client, name)}`)
      show(options, { deleted: name }, () => `User ${name} is deleted.`)
      finish(exitCode.ok)
    })
}

async function findUserId(client: Client, name: string): Promise<number> {
  const users = await client.list<UserSearchRespItem>(`${harbor}/users/search`, { username: name })
  const found = users.find((user) => user.username?.toLowerCase() === name.toLowerCase())
  if (found?.user_id === undefined) throw new Error(`There is no user ${name}. \`breakwater user list\` shows them.`)
  return found.user_id
}

async function setAdmin(client: Client, id: number, admin: boolean): Promise<void> {
  await client.send('PUT', `${harbor}/users/${id}/sysadmin`, { sysadmin_flag: admin })
}

function withNewPassword(command: Command): Command {
  return command.option('--new-password-file <file>', "file with the user's new password; - for standard input")
}

async function newPassword(name: string, options: NewPasswordOptions): Promise<string> {
  const { newPasswordFile: file, passwordStdin } = options
  if (file === '-' && passwordStdin) {
    throw new UsageError('Standard input holds one password: use BREAKWATER_PASSWORD, or a file for the other one.')
  }
  if (file !== undefined) return secretFromFile(file)
  const otherwise = `No new password for ${name}: name a file that holds it with --new-password-file.`
  const password = await askSecret(`New password for ${name}: `, otherwise)
  if ((await askSecret('The same again: ', otherwise)) !== password) throw new Error('The two passwords differ.')
  return password
}

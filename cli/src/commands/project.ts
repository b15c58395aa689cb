import type { Project } from '@breakwater/harbor-contract'
import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { type Client, connect, harbor } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { printable, table } from '../remote/table.ts'
import { UsageError } from '../usage-error.ts'

/** `breakwater project …` */
export function projectCommand(finish: Finish): Command {
  return group('project', 'List, make, change and delete projects.', [
    listCommand(finish),
    createCommand(finish),
    showCommand(finish),
    setCommand(finish),
    deleteCommand(finish),
  ])
}

export function projectPath(name: string): string {
  return `${harbor}/projects/${encodeURIComponent(name)}`
}

export function findProject(client: Client, name: string): Promise<Project> {
  return client.get<Project>(projectPath(name))
}

function listCommand(finish: Finish): Command {
  return remoteCommand('list', 'List the projects that you may see.', ['breakwater project list']).action(
    async (options: RemoteOptions) => {
      const client = await connect(options)
      const projects = await client.list<Project>(`${harbor}/projects`, { sort: 'name' })
      show(options, projects, () =>
        table(
          ['NAME', 'PUBLIC', 'REPOSITORIES', 'OWNER', 'SINCE'],
          projects.map((project) => [
            project.name ?? '',
            project.metadata?.public === 'true' ? 'yes' : 'no',
            String(project.repo_count ?? 0),
            project.owner_name ?? '',
            (project.creation_time ?? '').slice(0, 10),
          ]),
        ),
      )
      finish(exitCode.ok)
    },
  )
}

function createCommand(finish: Finish): Command {
  return remoteCommand('create', 'Make a project; you become its administrator.', [
    'breakwater project create staging',
    'breakwater project create mirror --public',
  ])
    .argument('<project>', 'lower-case letters, digits, and . _ - between them')
    .option('--public', 'everybody may pull, without a login')
    .action(async (name: string, options: RemoteOptions & { public?: true }) => {
      const client = await connect(options)
      const metadata = { public: String(options.public === true) }
      await client.send('POST', `${harbor}/projects`, { project_name: name, metadata })
      const project = await findProject(client, name)
      show(options, project, () => `Project ${name} is there, ${options.public ? 'public' : 'private'}.`)
      finish(exitCode.ok)
    })
}

function showCommand(finish: Finish): Command {
  return remoteCommand('show', 'Show a project and its settings.', ['breakwater project show staging'])
    .argument('<project>')
    .action(async (name: string, options: RemoteOptions) => {
      const project = await findProject(await connect(options), name)
      show(options, project, () => describe(project))
      finish(exitCode.ok)
    })
}

function describe(project: Project): string {
  const lines = [
    ['name', project.name ?? ''],
    ['id', String(project.project_id ?? '')],
    ['owner', project.owner_name ?? ''],
    ['since', project.creation_time ?? ''],
    ['repositories', String(project.repo_count ?? 0)],
    ...Object.entries(project.metadata ?? {}).map(([key, value]) => [key, String(value)]),
  ]
  const width = Math.max(...lines.map(([key = '']) => key.length))
  return lines.map(([key = '', value = '']) => `${key.padEnd(width)}  ${printable(value)}`).join('\n')
}

function setCommand(finish: Finish): Command {
  return remoteCommand('set', 'Change settings of a project, one after another; KEY= takes a setting away.', [
    'breakwater project set staging public=true',
    'breakwater project set staging auto_scan=true severity=high',
    'breakwater project set staging severity=',
  ])
    .argument('<project>')
    .argument('<key=value...>', "Harbor's keys: public, auto_scan, prevent_vul, severity, …")
    .action(async (name: string, given: string[], options: RemoteOptions) => {
      const pairs = given.map(readPair)
      const client = await connect(options)
      for (const [key, value] of pairs) {
        const path = `${projectPath(name)}/metadatas/${encodeURIComponent(key)}`
        if (value === '') await client.send('DELETE', path)
        else await client.send('PUT', path, { [key]: value })
      }
      const project = await findProject(client, name)
      show(options, project, () => describe(project))
      finish(exitCode.ok)
    })
}

function readPair(text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError(`"${text}" is not of the form key=value.`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

function deleteCommand(finish: Finish): Command {
  return remoteCommand('delete', 'Delete a project that has no repositories.', ['breakwater project delete staging'])
    .argument('<project>')
    .action(async (name: string, options: RemoteOptions) => {
      const client = await connect(options)
      await client.send('DELETE', projectPath(name))
      show(options, { deleted: name }, () => `Project ${name} is deleted.`)
      finish(exitCode.ok)
    })
}

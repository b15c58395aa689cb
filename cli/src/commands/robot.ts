import type { Robot } from '@breakwater/harbor-contract'
import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect, harbor } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { group, remoteCommand, show } from '../remote/remote-command.ts'
import { table } from '../remote/table.ts'
import { createCommand, rotateCommand } from './robot-secret.ts'
import { describeRobot, endOf, findRobot, grantsOf, listRobots, type RobotOptions, stateOf } from './robot-view.ts'

/** `breakwater robot …` */
export function robotCommand(finish: Finish): Command {
  return group('robot', 'Make robots for CI and other machines, and give them new secrets.', [
    listCommand(finish),
    createCommand(finish),
    showCommand(finish),
    rotateCommand(finish),
    switchCommand(finish, 'disable', true),
    switchCommand(finish, 'enable', false),
    deleteCommand(finish),
  ])
}

function listCommand(finish: Finish): Command {
  return remoteCommand('list', 'List the robots of a project, or those of the system.', [
    'breakwater robot list --project staging',
    'breakwater robot list',
  ])
    .option('--project <project>', 'the robots of this project (default: those of the system)')
    .action(async (options: RobotOptions) => {
      const client = await connect(options)
      const robots = await listRobots(client, options.project)
      show(options, robots, () =>
        table(
          ['NAME', 'STATE', 'ENDS', 'MAY'],
          robots.map((robot) => [robot.name ?? '', stateOf(robot), endOf(robot), grantsOf(robot).join(' ')]),
        ),
      )
      finish(exitCode.ok)
    })
}

function showCommand(finish: Finish): Command {
  return named(remoteCommand('show', 'Show a robot.', ["breakwater robot show 'robot$staging+ci-pusher'"])).action(
    async (name: string, options: RobotOptions) => {
      const robot = await findRobot(await connect(options), name, options)
      show(options, robot, () => describeRobot(robot))
      finish(exitCode.ok)
    },
  )
}

function switchCommand(finish: Finish, verb: 'disable' | 'enable', disable: boolean): Command {
  const description = disable ? 'Keep a robot from doing anything, from now on.' : 'Let a disabled robot work again.'
  return named(remoteCommand(verb, description, [`breakwater robot ${verb} 'robot$staging+ci-pusher'`])).action(
    async (name: string, options: RobotOptions) => {
      const client = await connect(options)
      const robot = await findRobot(client, name, options)
      const path = `${harbor}/robots/${robot.id}`
      await client.send('PUT', path, { ...robot, disable })
      show(options, await client.get<Robot>(path), () => `${robot.name} is ${verb}d.`)
      finish(exitCode.ok)
    },
  )
}

function deleteCommand(finish: Finish): Command {
  return named(
    remoteCommand('delete', 'Delete a robot.', ["breakwater robot delete 'robot$staging+ci-pusher'"]),
  ).action(async (name: string, options: RemoteOptions) => {
    const client = await connect(options)
    const robot = await findRobot(client, name, options)
    await client.send('DELETE', `${harbor}/robots/${robot.id}`)
    show(options, { deleted: robot.name }, () => `${robot.name} is deleted.`)
    finish(exitCode.ok)
  })
}

function named(command: Command): Command {
  return command
    .argument('<name>', 'as the list shows it, or without the prefix')
    .option('--project <project>', "the robot's project, where the name does not say it")
}

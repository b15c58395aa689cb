import { Command } from 'commander'
import { command, print, printJson } from '../command.ts'
import { defaultUrl, type RemoteOptions } from './connection.ts'

/** A command that talks to a registry, here or elsewhere. */
export function remoteCommand(name: string, description: string, examples: readonly string[]): Command {
  return command(name, description, examples)
    .option('--url <url>', `the registry (default: BREAKWATER_URL, else ${defaultUrl})`)
    .option('--user <name>', 'who calls: a user, or a robot with its prefix (default: BREAKWATER_USER, else admin)')
    .option('--password-stdin', 'read the password from standard input (default: BREAKWATER_PASSWORD, else ask)')
    .option('--plain-http', 'allow http:// to other machines; the password can be read on the way')
}

/** Commands about one kind of thing. */
export function group(name: string, description: string, commands: readonly Command[]): Command {
  const made = new Command(name).description(description)
  for (const one of commands) made.addCommand(one)
  return made
}

/** The result: for scripts as it is, for people as text. */
export function show(options: RemoteOptions, value: unknown, text: () => string): void {
  if (options.json) printJson(value)
  else print(text())
}

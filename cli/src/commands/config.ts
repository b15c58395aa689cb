import type { EffectiveSetting } from '@breakwater/server'
import type { Command } from 'commander'
import { type CommonOptions, command, configSource, type Finish, print, printJson } from '../command.ts'
import { exitCode } from '../exit-code.ts'

/** `breakwater config`: the values in effect and their places, secrets hidden. */
export function configCommand(finish: Finish): Command {
  return command('config', 'Print the configuration in effect and where each value comes from; secrets stay hidden.', [
    'breakwater config',
    'breakwater config --config breakwater.yaml --json',
  ]).action(async (options: CommonOptions) => {
    const { readConfig } = await import('@breakwater/server')
    const { settings } = readConfig(configSource(options))
    if (options.json) printJson(settings)
    else print(table(settings))
    finish(exitCode.ok)
  })
}

function table(settings: readonly EffectiveSetting[]): string {
  const rows = settings.map(({ key, value, place }) => [key, String(value), place] as const)
  const keyWidth = Math.max(...rows.map(([key]) => key.length))
  const valueWidth = Math.max(...rows.map(([, value]) => value.length))
  return rows.map(([key, value, place]) => `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${place}`).join('\n')
}

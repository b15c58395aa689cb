import type { Command } from 'commander'
import { type CommonOptions, command, configSource, type Finish, print, printJson } from '../command.ts'
import { exitCode } from '../exit-code.ts'

/** `breakwater migrate`: brings the database to this version's schema. */
export function migrateCommand(finish: Finish): Command {
  return command('migrate', 'Bring the database to the schema of this version and exit.', [
    'breakwater migrate',
    'BREAKWATER_DATABASE_URL=postgres://breakwater@db/breakwater breakwater migrate',
  ]).action(async (options: CommonOptions) => {
    const { loadConfig, migrateDatabase } = await import('@breakwater/server')
    const result = await migrateDatabase(loadConfig(configSource(options)))
    if (options.json) printJson(result)
    else if (result.applied.length === 0) print('The schema is up to date.')
    else print(`Applied:\n${result.applied.map((name) => `  ${name}`).join('\n')}`)
    finish(result.pending.length === 0 ? exitCode.ok : exitCode.failed)
  })
}

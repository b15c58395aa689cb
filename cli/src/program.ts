import { Command, CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { artifactCommand } from './commands/artifact.ts'
import { backupCommand } from './commands/backup.ts'
import { configCommand } from './commands/config.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exceptionCommand } from './commands/exception.ts'
import { gcCommand } from './commands/gc.ts'
import { memberCommand } from './commands/member.ts'
import { migrateCommand } from './commands/migrate.ts'
import { policyCommand } from './commands/policy.ts'
import { projectCommand } from './commands/project.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { restoreCommand } from './commands/restore.ts'
import { robotCommand } from './commands/robot.ts'
import { scanCommand } from './commands/scan.ts'
import { scrubCommand } from './commands/scrub.ts'
import { serveCommand } from './commands/serve.ts'
import { trustCommand } from './commands/trust.ts'
import { userCommand } from './commands/user.ts'
import { vulndbCommand } from './commands/vulndb.ts'
import { whyCommand } from './commands/why.ts'
import { whyAccessCommand } from './commands/why-access.ts'
import { exitCode, exitCodesHelp } from './exit-code.ts'
import { explain, isUsageError } from './explain.ts'

const commands = [
  serveCommand,
  migrateCommand,
  doctorCommand,
  configCommand,
  backupCommand,
  restoreCommand,
  rebuildCommand,
  projectCommand,
  memberCommand,
  userCommand,
  robotCommand,
  artifactCommand,
  gcCommand,
  scrubCommand,
  scanCommand,
  vulndbCommand,
  policyCommand,
  exceptionCommand,
  trustCommand,
  whyCommand,
  whyAccessCommand,
]

/** Runs one command line, without the program's name, and returns the exit code. Nothing is thrown. */
export async function run(args: readonly string[]): Promise<number> {
  let result: number = exitCode.ok
  const finish = (code: number) => {
    result = code
  }
  const program = new Command('breakwater')
    .description('A self-hosted OCI registry that serves only what policy allows.')
    .version(manifest.version)
    .exitOverride()
    .addHelpText('after', exitCodesHelp)
  for (const command of commands) program.addCommand(prepared(command(finish)))
  try {
    await program.parseAsync(args, { from: 'user' })
    return result
  } catch (error) {
    // Commander has written its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage
    process.stderr.write(`breakwater: ${explain(error)}\n`)
    return isUsageError(error) ? exitCode.usage : exitCode.failed
  }
}

/** What a command and those below it have in common. */
function prepared(command: Command): Command {
  for (const below of command.commands) prepared(below)
  return command.exitOverride().addHelpText('after', exitCodesHelp)
}

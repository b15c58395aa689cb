import { fileURLToPath } from 'node:url'
import type { Breakwater } from './breakwater.ts'
import { type CommandResult, outputOf, runCommand } from './command.ts'

const program = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url))

/** A command of this checkout, as its administrator types it; what it has printed. Throws when it failed. */
export function breakwater(
  { url, admin }: Breakwater,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const connection = { BREAKWATER_URL: url, BREAKWATER_PASSWORD: admin.password }
  return outputOf(process.execPath, [program, ...args], { env: { ...connection, ...env } })
}

/** A command that needs no server, whatever it ends with. */
export function runBreakwater(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return runCommand(process.execPath, [program, ...args], { env })
}

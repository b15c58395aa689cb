import { Command } from 'commander'
import { serverEnvironment } from './client-environment.ts'

/** Tells the program which exit code a finished command has. */
export type Finish = (code: number) => void

export interface CommonOptions {
  readonly config?: string
  readonly json?: true
}

/** A command with the options that all of them take. */
export function command(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .option('-c, --config <file>', 'YAML configuration file (default: the one BREAKWATER_CONFIG names)')
    .option('--json', 'write the result as JSON')
    .addHelpText('after', ['\nExamples:', ...examples.map((example) => `  ${example}`)].join('\n'))
}

/** Where the configuration comes from, as the server's `loadConfig` and `readConfig` take it. */
export function configSource({ config }: CommonOptions): { file?: string; env: NodeJS.ProcessEnv } {
  const env = serverEnvironment()
  return config === undefined ? { env } : { file: config, env }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2))
}

import { spawn } from 'node:child_process'
import { cleanEnvironment } from './environment.ts'

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Written to standard input, which is closed after it. */
  readonly input?: string
  readonly timeoutMs?: number
}

export interface CommandResult {
  /** The exit code; null when a signal ended the command. */
  readonly status: number | null
  readonly stdout: string
  /** What a person reads: both streams as they came. */
  readonly text: string
}

/** Runs a program to its end. Throws only when it cannot be started or takes too long (then it is killed). */
export function runCommand(
  file: string,
  args: readonly string[],
  { env = {}, cwd, input = '', timeoutMs = 120_000 }: CommandOptions = {},
): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>()
  const child = spawn(file, [...args], { cwd, env: { ...cleanEnvironment(), ...env }, stdio: 'pipe' })
  let stdout = ''
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    text += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  // A program that ends without reading its input closes the pipe.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    reject(new Error(`${[file, ...args].join(' ')} took longer than ${timeoutMs / 1000} s; it had printed: ${text}`))
  }, timeoutMs)
  child.once('error', (error) => reject(new Error(`${file} cannot be started: ${error.message}`)))
  child.once('close', (status) => resolve({ status, stdout, text }))
  return promise.finally(() => clearTimeout(timer))
}

/** The standard output of a command that has to succeed, trimmed. Throws with all that it printed. */
export async function outputOf(file: string, args: readonly string[], options?: CommandOptions): Promise<string> {
  const { status, stdout, text } = await runCommand(file, args, options)
  if (status !== 0) throw new Error(`${[file, ...args].join(' ')} ended with ${status}: ${text.trim()}`)
  return stdout.trim()
}

/** What a command printed that has to fail, on one line. Throws when it succeeded. */
export async function complaintOf(file: string, args: readonly string[], options?: CommandOptions): Promise<string> {
  const { status, text } = await runCommand(file, args, options)
  if (status === 0) throw new Error(`${[file, ...args].join(' ')} succeeded: ${text.trim()}`)
  return text.trim().replaceAll(/\s+/g, ' ')
}

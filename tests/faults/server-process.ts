import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Answer, type Ask, ask } from '../../server/test/client.ts'
import { admin } from '../../server/test/registry.ts'

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

/** A server in a process of its own, which can be killed. */
export interface ServerProcess extends AsyncDisposable {
  readonly origin: string
  readonly pid: number
  /** What it has written to standard error. */
  readonly log: () => string
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** A request as the administrator. Rejects when the connection breaks. */
  ask(method: string, path: string, ask?: Ask): Promise<Answer>
  kill(): Promise<void>
}

interface StartOptions {
  /** A command that runs the server's, such as `unshare`. */
  readonly prefix?: readonly string[]
}

/** Starts `breakwater serve` with this environment. Rejects with what it wrote when it ends before it answers. */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
  { prefix = [] }: StartOptions = {},
): Promise<ServerProcess> {
  const [file = process.execPath, ...args] = [...prefix, process.execPath, main, 'serve', '--json']
  const child = spawn(file, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => code ?? signal ?? '')
  const greeting = await Promise.race([firstLine(child), ended.then(() => undefined)])
  if (greeting === undefined) throw new Error(lines.join('\n'))
  const { address } = JSON.parse(greeting) as { address: string }
  const { pid = 0 } = child
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return {
    origin: address,
    pid,
    ended,
    log: () => lines.join('\n'),
    ask: (method, path, asked) => ask(address, method, path, { auth: admin, ...asked }),
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (!child.stdout) return undefined
  for await (const line of createInterface({ input: child.stdout })) return line
  return undefined
}

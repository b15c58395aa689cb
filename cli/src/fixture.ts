import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { adminPassword, sharedRegistry, type TestRegistry } from '../../server/test/registry.ts'
import { run as runHere } from './program.ts'

interface RunOptions {
  /** Beyond the address of the registry and the administrator's password. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** For standard input; the command has a process of its own then. */
  readonly input?: string
}

interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Command lines against a registry of the test file's own. */
export interface CommandLine {
  /** A folder for the file's tests. */
  readonly folder: string
  readonly registry: TestRegistry
  run(args: readonly string[], options?: RunOptions): Promise<Finished>
  /** A command that is to succeed; what it has printed. */
  good(args: readonly string[], options?: RunOptions): Promise<string>
  /** The same for a result as JSON. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>
}

export function commandLine(): () => CommandLine {
  const registry = sharedRegistry()
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bw-remote-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function run(args: readonly string[], { env, input }: RunOptions = {}): Promise<Finished> {
    const ours = { BREAKWATER_URL: registry().origin, BREAKWATER_PASSWORD: adminPassword, ...env }
    return input === undefined ? runInside(args, ours) : runOutside(args, ours, input)
  }

  async function good(args: readonly string[], options?: RunOptions): Promise<string> {
    const { code, out, err } = await run(args, options)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return out
  }

  const json = async <T>(args: readonly string[], options?: RunOptions) =>
    JSON.parse(await good([...args, '--json'], options)) as T
  return () => ({ folder, registry: registry(), run, good, json })
}

type Environment = Readonly<Record<string, string | undefined>>

function inherited(): [string, string | undefined][] {
  return Object.entries(process.env).filter(([name]) => !name.startsWith('BREAKWATER_'))
}

async function runInside(args: readonly string[], env: Environment): Promise<Finished> {
  for (const name of Object.keys(process.env)) if (name.startsWith('BREAKWATER_')) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const written = { out: '', err: '' }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.out += String(chunk)
    return true
  })
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    written.err += String(chunk)
    return true
  })
  try {
    return { code: await runHere(args), ...written }
  } finally {
    out.mockRestore()
    err.mockRestore()
    vi.unstubAllEnvs()
  }
}

const main = fileURLToPath(new URL('main.ts', import.meta.url))

async function runOutside(args: readonly string[], env: Environment, input: string): Promise<Finished> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...Object.fromEntries(inherited()), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  const closed = once(child, 'close')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await closed) as [number]
  return { code, out, err }
}

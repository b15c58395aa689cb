import { createServer } from 'node:net'
import { ask } from '../client.ts'
import { startRegistry, type TestRegistry } from '../registry.ts'

export interface Measured extends AsyncDisposable {
  readonly registry: TestRegistry
  /** Where metrics are served. */
  readonly origin: string
  /** Numbers of the database in it are up to ten seconds old. */
  page(): Promise<string>
}

/** A registry that serves its metrics. */
export async function startMeasured(env: Readonly<Record<string, string>> = {}): Promise<Measured> {
  const origin = `http://127.0.0.1:${await freePort()}`
  const registry = await startRegistry({ BREAKWATER_METRICS_LISTEN: origin.slice('http://'.length), ...env })
  return {
    registry,
    origin,
    page: async () => (await ask(origin, 'GET', '/metrics')).text,
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The value of a sample, named with its labels as on the page; undefined where there is none. */
export function sample(page: string, name: string): number | undefined {
  const line = page.split('\n').find((each) => each.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}

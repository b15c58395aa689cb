import { tokenFor } from '../accounts.ts'
import { basic, ask as send } from '../client.ts'
import type { TestRegistry } from '../registry.ts'
import { openBrowser } from './browser.ts'

/** What somebody does with each kind of credential: a request to the registry, and one to the API. */
export interface Deeds {
  readonly registry: readonly [method: string, path: string, body?: string]
  /** Path after `/api/v2.0`. */
  readonly api: readonly [method: string, path: string, body?: string]
}

export interface Somebody {
  readonly name: string
  /** Undefined for nobody. */
  readonly password: string | undefined
  /** People have sessions, robots have none. */
  readonly session: boolean
}

/** Does the deeds with one credential, and returns the status. */
export type Attempt = () => Promise<number>

/** Everything that somebody holds: each was used at the server at `origin`, which may remember it. */
export async function logIn(
  registry: TestRegistry,
  origin: string,
  { name, password, session }: Somebody,
  { registry: [method, path, body], api: [apiMethod, apiPath, apiBody] }: Deeds,
): Promise<Readonly<Record<string, Attempt>>> {
  const there: TestRegistry = { ...registry, ask: (...request) => send(origin, ...request) }
  const auth = password === undefined ? undefined : basic(name, password)
  const repository = path.split('/').slice(2, 4).join('/')
  const token = await tokenFor(there, auth, `repository:${repository}:pull,push`)
  const headers = { 'content-type': 'application/json' }
  const api = `/api/v2.0${apiPath}`
  const asked = (text: string | undefined) => (text === undefined ? {} : { headers, body: text })
  const attempts: Record<string, Attempt> = {
    token: async () => (await there.ask(method, path, { auth: token, ...asked(body) })).status,
    'API request': async () => (await there.ask(apiMethod, api, { auth, ...asked(apiBody) })).status,
  }
  if (auth !== undefined) {
    attempts['password'] = async () => (await there.ask(method, path, { auth, ...asked(body) })).status
  }
  if (session && password !== undefined) {
    const browser = openBrowser(origin)
    const { status } = await browser.login(name, password)
    if (status !== 200) throw new Error(`${name} can't log in: ${status}`)
    attempts['session'] = async () => (await browser.send(apiMethod, api, asked(apiBody))).status
  }
  return attempts
}

export async function statuses(attempts: Readonly<Record<string, Attempt>>): Promise<Record<string, number>> {
  const done = await Promise.all(
    Object.entries(attempts).map(async ([name, attempt]) => [name, await attempt()] as const),
  )
  return Object.fromEntries(done)
}

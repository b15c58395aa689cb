import { type Connection, connectionOf, type RemoteOptions } from './connection.ts'
import { ApiError, refusal, strange, unreachable } from './failure.ts'

type Query = Readonly<Record<string, string | number | boolean>>

/** The registry's API. Paths begin after the host; names in them have to be escaped. */
export interface Client {
  readonly user: string
  /** For requests that ask for the password again. */
  readonly password: string
  get<T>(path: string, query?: Query): Promise<T>
  /** All items of a list, page after page. */
  list<T>(path: string, query?: Query): Promise<T[]>
  /** Undefined where the answer is empty. */
  send<T = undefined>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Sends bytes as they come, however long that takes. */
  upload<T>(path: string, query: Query, bytes: AsyncIterable<Uint8Array>): Promise<T>
}

const pageSize = 100
/** Milliseconds until an answer has to be whole. */
const patience = 60_000

export const harbor = '/api/v2.0'

/** Logs in; throws with a sentence that says what to do. */
export async function connect(options: RemoteOptions): Promise<Client> {
  const connection = await connectionOf(options)
  await checkLogin(connection)
  const read = (path: string, query: Query) => {
    const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
    return request(connection, 'GET', `${path}?${search}`)
  }
  return {
    user: connection.user,
    password: connection.password,
    get: async <T>(path: string, query: Query = {}) => (await read(path, query)).value as T,
    async list<T>(path: string, query: Query = {}) {
      const items: T[] = []
      for (let page = 1; ; page++) {
        const { value, headers } = await read(path, { ...query, page, page_size: pageSize })
        const more = value as T[]
        items.push(...more)
        if (more.length === 0 || items.length >= Number(headers.get('x-total-count'))) return items
      }
    },
    send: async <T>(method: string, path: string, body?: unknown) =>
      (await request(connection, method, path, body)).value as T,
    async upload<T>(path: string, query: Query, bytes: AsyncIterable<Uint8Array>) {
      const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
      return (await request(connection, 'PUT', `${path}?${search}`, new Stream(bytes))).value as T
    },
  }
}

/** A body that is not JSON. */
class Stream {
  readonly bytes: AsyncIterable<Uint8Array>

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.bytes = bytes
  }
}

/** A wrong password makes a caller anonymous, whom the API shows what is public: that must not pass for an answer. */
async function checkLogin(connection: Connection): Promise<void> {
  try {
    const { value } = await request(connection, 'GET', `${harbor}/users/current`)
    if (value === undefined) throw strange(connection.url, 200)
  } catch (error) {
    // A robot is nobody's user, but logged in.
    if (!(error instanceof ApiError && error.status === 412)) throw error
  }
}

interface Answered {
  /** Undefined where the body is empty. */
  readonly value: unknown
  readonly headers: Headers
}

async function request(connection: Connection, method: string, path: string, body?: unknown): Promise<Answered> {
  const { url } = connection
  const { response, text } = await exchange(connection, method, path, body).catch((error: unknown) => {
    throw unreachable(url, error)
  })
  const { status, headers } = response
  if (status >= 300 && status < 400) {
    const to = headers.get('location') ?? 'another address'
    throw new ApiError(status, `${url} sends its clients to ${to}. Give its scheme and host as --url.`)
  }
  if (!response.ok) throw refusal(connection, status, text, headers.get('retry-after'))
  try {
    return { value: text.trim() === '' ? undefined : JSON.parse(text), headers }
  } catch {
    throw strange(url, status)
  }
}

async function exchange({ url, user, password }: Connection, method: string, path: string, body: unknown) {
  const streams = body instanceof Stream
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    ...(streams ? {} : { signal: AbortSignal.timeout(patience) }),
    headers: {
      Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      Accept: 'application/json',
      // A project may be called 1.
      'X-Is-Resource-Name': 'true',
      ...(body === undefined ? {} : { 'Content-Type': streams ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body === undefined ? {} : streams ? { body: body.bytes, duplex: 'half' } : { body: JSON.stringify(body) }),
  })
  return { response, text: await response.text() }
}

import { type Answer, type Ask, errorOf } from '../client.ts'
import type { TestRegistry } from '../registry.ts'

/** What is sent: `json` becomes the body; `auth: undefined` sends no credentials. */
export interface Call extends Omit<Ask, 'body'> {
  readonly json?: unknown
}

export type Caller = (method: string, path: string, call?: Call) => Promise<Answer>

/** Requests to the API, with paths that begin after `/api/v2.0`, as the administrator unless `auth` says otherwise. */
export function caller(registry: () => Pick<TestRegistry, 'ask'>): Caller {
  return (method, path, { json, headers, ...call } = {}) =>
    registry().ask(method, `/api/v2.0${path}`, {
      ...call,
      headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(json === undefined ? {} : { body: typeof json === 'string' ? json : JSON.stringify(json) }),
    })
}

/** Status, code and sentence of a refusal. */
export function refusalOf(answer: Answer): [number, string, string] {
  const { code, message } = errorOf(answer)
  return [answer.status, code, message]
}

/** The id at the end of where something was made. */
export function idOf(answer: Answer): number {
  if (answer.status !== 201) throw new Error(`not made: ${answer.status} ${answer.text}`)
  return Number(answer.headers.location?.split('/').at(-1))
}

/** The JSON of a good answer. */
export function bodyOf<T = unknown>(answer: Answer): T {
  if (answer.status !== 200) throw new Error(`refused: ${answer.status} ${answer.text}`)
  return JSON.parse(answer.text) as T
}

import type { Readable } from 'node:stream'
import { RegistryError } from '@breakwater/oci'
import type { Caller } from '../harbor-api/index.ts'
import type { Reply } from '../http/index.ts'

/** A request, read. */
export interface Asked {
  readonly caller: Caller
  /** Of the path. */
  readonly params: Readonly<Record<string, string>>
  readonly search: URLSearchParams
  /** As text; empty where the operation reads the stream itself. */
  readonly body: string
  readonly stream: Readable
}

/** One operation of /api/breakwater/v1/, with what it needs. */
export interface Operation<Deps> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With parameters such as `:project`. */
  readonly path: string
  /** The handler reads the body, which may be large. */
  readonly streams?: true
  handle(deps: Deps, asked: Asked): Promise<Reply>
}

export function json(value: unknown, status = 200): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
    body: `${JSON.stringify(value)}\n`,
  }
}

/** The object that a body holds; an empty body is an empty one. Throws BAD_REQUEST. */
export function readObject(body: string): Record<string, unknown> {
  if (body.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw new RegistryError('BAD_REQUEST', 'the body is no JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new RegistryError('BAD_REQUEST', 'the body has to be a JSON object')
}

/** A parameter of the query that has to be there. */
export function required(search: URLSearchParams, name: string): string {
  const value = search.get(name)?.trim()
  if (value) return value
  throw new RegistryError('BAD_REQUEST', `${name} is missing in the query`)
}

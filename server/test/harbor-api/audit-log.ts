import { expect } from 'vitest'
import type { Answer } from '../client.ts'
import type { TestRegistry } from '../registry.ts'

/** An entry of the audit log, as it is sent. */
export interface LogEntry {
  readonly id: number
  readonly op_time: string
  readonly username: string
  readonly operation: string
  readonly operation_description: string
  readonly operation_result: boolean
  readonly resource: string
  readonly resource_type: string
}

/** As whom to ask; the administrator where it is not given. */
type As = { readonly auth: string | undefined }

export interface LogReader {
  ask(path: string, as?: As): Promise<Answer>
  /** The entries of a page. */
  entries(path: string, as?: As): Promise<LogEntry[]>
  /** A page, how many entries it is said to be of, and the links to other pages. */
  counted(path: string): Promise<{ page: LogEntry[]; total: number; link: string }>
}

export function logReader(registry: () => Pick<TestRegistry, 'ask'>): LogReader {
  const ask = (path: string, as?: As) => registry().ask('GET', `/api/v2.0${path}`, as)
  return {
    ask,
    async entries(path, as) {
      const answer = await ask(path, as)
      expect([path, answer.status]).toEqual([path, 200])
      return JSON.parse(answer.text) as LogEntry[]
    },
    async counted(path) {
      const { headers, text } = await ask(path)
      const page = JSON.parse(text) as LogEntry[]
      return { page, total: Number(headers['x-total-count']), link: String(headers['link'] ?? '') }
    },
  }
}

/** The `q` parameter of a list. */
export function q(...conditions: readonly string[]): string {
  return `q=${encodeURIComponent(conditions.join(','))}`
}

export function brief({ operation, resource_type, resource, username }: LogEntry): string {
  return `${username}: ${operation} ${resource_type} ${resource}`
}

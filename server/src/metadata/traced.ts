import type pg from 'pg'
import type { Tracing } from '../observability/index.ts'

type Query = (...args: unknown[]) => Promise<unknown>

/**
 * Has the statements of a pool traced, also those of connections that it lends. A span tells the name of the statement or
 * its first word, never its text or values.
 */
export function tracePool(pool: pg.Pool, tracing: Tracing): void {
  traceQueries(pool, tracing)
  pool.on('connect', (client) => traceQueries(client, tracing))
}

function traceQueries(target: object, tracing: Tracing): void {
  const asking = target as { query: Query }
  const query = asking.query.bind(target)
  asking.query = (...args) => {
    // A pool hands its statements on with a callback, so that they would be told of twice; copies are streams.
    if (typeof args.at(-1) === 'function' || isStream(args[0])) return query(...args)
    const operation = operationOf(args[0])
    const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation }
    return tracing.child(nameOf(args[0]) ?? operation, 'client', attributes, () => query(...args))
  }
}

function isStream(statement: unknown): boolean {
  return typeof statement === 'object' && statement !== null && 'submit' in statement
}

function nameOf(statement: unknown): string | undefined {
  const name = typeof statement === 'object' && statement !== null && 'name' in statement ? statement.name : undefined
  return typeof name === 'string' ? name : undefined
}

function operationOf(statement: unknown): string {
  const text = typeof statement === 'string' ? statement : (statement as pg.QueryConfig).text
  return /^\s*([a-z]{1,20})/i.exec(text)?.[1]?.toUpperCase() ?? 'QUERY'
}

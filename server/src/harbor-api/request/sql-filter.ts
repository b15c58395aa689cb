import type { Condition, Conditions } from './query.ts'

/** A column that may be filtered by. Names are SQL of ours, never a client's. */
export interface Column {
  readonly sql: string
  readonly type: 'text' | 'bigint' | 'timestamptz' | 'boolean'
}

/** A `where` clause in the making: texts with `$n`, and their values. */
export interface Filter {
  readonly clauses: string[]
  readonly values: unknown[]
}

/** Adds what `conditions` ask of known columns. A value that is not of the column's type matches nothing. */
export function applyConditions(
  filter: Filter,
  conditions: Conditions,
  columns: Readonly<Record<string, Column>>,
): Filter {
  for (const [key, condition] of conditions) {
    const column = Object.hasOwn(columns, key) ? columns[key] : undefined
    if (column) filter.clauses.push(clause(filter, column, condition))
  }
  return filter
}

function clause(filter: Filter, { sql, type }: Column, condition: Condition): string {
  const bind = (value: unknown, cast: string = type) => `$${filter.values.push(value)}::${cast}`
  const fits = (values: readonly string[]) => values.every((value) => isOf(type, value))
  const all = (values: readonly string[]) => values.map((value) => plain(type, value))
  switch (condition.kind) {
    case 'exact':
      return fits([condition.value]) ? `${sql} = ${bind(plain(type, condition.value))}` : 'false'
    case 'fuzzy':
      return isOf('text', condition.value)
        ? `${sql}::text ilike ${bind(`%${condition.value.replaceAll(/[\\%_]/g, '\\$&')}%`, 'text')}`
        : 'false'
    case 'range': {
      const { from, to } = condition
      if (!fits([from, to].filter((end) => end !== undefined))) return 'false'
      const ends = [
        ...(from === undefined ? [] : [`${sql} >= ${bind(plain(type, from))}`]),
        ...(to === undefined ? [] : [`${sql} <= ${bind(plain(type, to))}`]),
      ]
      return ends.length > 0 ? ends.join(' and ') : 'true'
    }
    case 'union':
      return fits(condition.values) ? `${sql} = any(${bind(all(condition.values), `${type}[]`)})` : 'false'
    case 'intersection':
      return fits(condition.values) ? `${sql} = all(${bind(all(condition.values), `${type}[]`)})` : 'false'
  }
}

/** A time without a zone is in UTC, as in Harbor, wherever the database is. */
function plain(type: Column['type'], value: string): string {
  return type === 'timestamptz' && !/(?:Z|[+-]\d\d:\d\d)$/.test(value) ? `${value} UTC` : value
}

function isOf(type: Column['type'], value: string): boolean {
  switch (type) {
    case 'text':
      return !value.includes('\0')
    case 'bigint':
      return /^-?\d{1,18}$/.test(value)
    case 'boolean':
      return /^(?:true|false|1|0)$/i.test(value)
    case 'timestamptz':
      return (
        /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(value) &&
        !Number.isNaN(Date.parse(value))
      )
  }
}

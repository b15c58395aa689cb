import { RegistryError } from '@breakwater/oci'

/** One condition of Harbor's `q`: `key=value`. */
export type Condition =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'fuzzy'; readonly value: string }
  /** Either end may be open. */
  | { readonly kind: 'range'; readonly from: string | undefined; readonly to: string | undefined }
  /** Any of them. */
  | { readonly kind: 'union'; readonly values: readonly string[] }
  /** All of them. */
  | { readonly kind: 'intersection'; readonly values: readonly string[] }

/** Conditions by key in snake_case; Harbor ignores keys that it does not know, and so do those who read this. */
export type Conditions = ReadonlyMap<string, Condition>

/** Conditions that one request may hold. */
const mostConditions = 50

/**
 * Reads `q`, which is unescaped once more after the query string was. Throws BAD_REQUEST with Harbor's sentences.
 * `k=v`, `k=~v`, `k=[a~b]`, `k={a b}`, `k=(a b)`, and `k=\v` for a value that begins with one of these signs.
 */
export function parseQuery(q: string | undefined): Conditions {
  if (!q) return new Map()
  const conditions = new Map<string, Condition>()
  for (const part of unescapeOnce(q).split(',').slice(0, mostConditions)) {
    const equals = part.indexOf('=')
    const key = part.slice(0, equals).trim()
    const value = part.slice(equals + 1)
    if (equals < 0 || !key || !value) {
      throw new RegistryError('BAD_REQUEST', 'the query string must contain "=" and the key/value cannot be empty')
    }
    conditions.set(snakeCase(key), parseCondition(value))
  }
  return conditions
}

function unescapeOnce(q: string): string {
  try {
    return decodeURIComponent(q.replaceAll('+', ' '))
  } catch {
    throw new RegistryError('BAD_REQUEST', `invalid URL escape in the query string: ${q}`)
  }
}

function snakeCase(key: string): string {
  return key
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

function parseCondition(value: string): Condition {
  const inner = value.slice(1, -1)
  const invalid = () => new RegistryError('BAD_REQUEST', `invalid query string value: ${value}`)
  switch (value[0]) {
    case '\\':
      return { kind: 'exact', value: value.slice(1) }
    case '~':
      return { kind: 'fuzzy', value: value.slice(1) }
    case '[': {
      const ends = inner.split('~')
      if (!value.endsWith(']') || ends.length !== 2) throw invalid()
      const [from, to] = ends.map(bare)
      return { kind: 'range', from: from || undefined, to: to || undefined }
    }
    case '{':
      if (!value.endsWith('}')) throw invalid()
      return { kind: 'union', values: words(inner) }
    case '(':
      if (!value.endsWith(')')) throw invalid()
      return { kind: 'intersection', values: words(inner) }
    default:
      return { kind: 'exact', value }
  }
}

function words(text: string): string[] {
  return text.split(' ').map(bare).filter(Boolean)
}

function bare(text: string): string {
  return text.trim().replaceAll(/^['"]|['"]$/g, '')
}

/** A column by which a list may be sorted, for each name that clients use. Values are SQL of ours, never a client's. */
export type Sortable = Readonly<Record<string, string>>

/** An `order by` of Harbor's `sort`: names that are not sortable are ignored. */
export function parseSort(sort: string | undefined, sortable: Sortable, standard: string): string {
  const columns = (sort ?? '').split(',').flatMap((name) => {
    const descending = name.startsWith('-')
    const key = snakeCase(name.slice(descending ? 1 : 0).trim())
    const column = Object.hasOwn(sortable, key) ? sortable[key] : undefined
    return column ? [`${column}${descending ? ' desc' : ''}`] : []
  })
  return [...columns, standard].join(', ')
}

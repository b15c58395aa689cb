import type { OperationShape } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import type { TObject, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

/** Checks the parts of requests to one operation. Throws UNPROCESSABLE_ENTITY with Harbor's list of what is wrong. */
export interface RequestChecks {
  params(given: Readonly<Record<string, string>>): Record<string, unknown>
  query(given: URLSearchParams): Record<string, unknown>
  headers(given: Readonly<Record<string, string | string[] | undefined>>): Record<string, unknown>
  body(text: string): unknown
}

export function createChecks(operation: OperationShape): RequestChecks {
  const part = (schema: TObject | undefined, place: string) => {
    const fields = Object.entries(schema?.properties ?? {}) as [string, TSchema & Field][]
    const required = new Set((schema as { required?: string[] } | undefined)?.required)
    return (read: (name: string) => string | undefined) => {
      const found: Record<string, unknown> = {}
      for (const [name, field] of fields) {
        const text = read(name)
        if (text === undefined) {
          if (required.has(name)) throw invalid(`${name} in ${place} is required`)
          if (field.default !== undefined) found[name] = field.default
        } else found[name] = readField(name, place, field, text)
      }
      return found
    }
  }
  const params = part(operation.params, 'path')
  const query = part(operation.query, 'query')
  const headers = part(operation.headers, 'header')
  const body = operation.body && Compile(operation.body)
  return {
    params: (given) => params((name) => given[name]),
    query: (given) => query((name) => given.get(name) ?? undefined),
    headers: (given) =>
      headers((name) => {
        const value = given[name.toLowerCase()]
        return typeof value === 'string' ? value : undefined
      }),
    body: (text) => (body ? readBody(operation, body, text) : {}),
  }
}

/** The database can't hold such text. */
const holdsZero = 'should not hold a zero byte'

interface Field {
  readonly type?: string
  readonly default?: unknown
  readonly maximum?: number
  readonly minimum?: number
  readonly enum?: readonly string[]
}

function readField(name: string, place: string, field: Field, text: string): unknown {
  if (field.type === 'integer') {
    const value = /^[+-]?\d{1,19}$/.test(text) ? Number(text) : Number.NaN
    if (!Number.isSafeInteger(value)) throw invalid(`${name} in ${place} must be of type int64: "${text}"`)
    if (field.maximum !== undefined && value > field.maximum) {
      throw invalid(`${name} in ${place} should be less than or equal to ${field.maximum}`)
    }
    if (field.minimum !== undefined && value < field.minimum) {
      throw invalid(`${name} in ${place} should be greater than or equal to ${field.minimum}`)
    }
    return value
  }
  if (field.type === 'boolean') {
    if (/^(?:true|1|t|yes|y|on|enabled|checked|selected|ok)$/i.test(text)) return true
    return false
  }
  if (text.includes('\0')) throw invalid(`${name} in ${place} ${holdsZero}`)
  if (field.enum && !field.enum.includes(text)) {
    throw invalid(`${name} in ${place} should be one of [${field.enum.join(' ')}]`)
  }
  return text
}

function readBody(operation: OperationShape, schema: Validator, text: string): unknown {
  if (text === '' && operation.bodyOptional) return {}
  const value = parseJson(operation.bodyName ?? 'body', text)
  if (schema.Check(value)) return value
  const problems = schema.Errors(value).map(({ instancePath, keyword, params, message }) => {
    const path = instancePath.slice(1).replaceAll('/', '.') || operation.bodyName || 'body'
    if (keyword === 'type') return `${path} in body must be of type ${(params as { type: unknown }).type}`
    if (keyword === 'maxLength') {
      return `${path} in body should be at most ${(params as { limit: number }).limit} chars long`
    }
    return `${path} in body ${message}`
  })
  throw invalid([...new Set(problems)].join('\n'))
}

/** Null is the same as absent, as Harbor's decoder has it. */
function parseJson(name: string, text: string): unknown {
  let zero = false
  try {
    const value: unknown = JSON.parse(text, (key, part: unknown) => {
      zero ||= key.includes('\0') || (typeof part === 'string' && part.includes('\0'))
      return part === null ? undefined : part
    })
    if (!zero) return value
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? -1)
    const ended = /Unexpected end|Unterminated/.test(message) || position >= text.trimEnd().length
    const why = ended ? 'unexpected EOF' : message
    throw invalid(text === '' ? `${name} in body is required` : `parsing ${name} body from "" failed, because ${why}`)
  }
  throw invalid(`${name} in body ${holdsZero}`)
}

function invalid(problem: string): RegistryError {
  return new RegistryError('UNPROCESSABLE_ENTITY', `validation failure list:\n${problem}`)
}

import { readFileSync } from 'node:fs'
import * as contract from '@breakwater/harbor-contract'
import { type OperationShape, operations } from '@breakwater/harbor-contract'
import { describe, expect, it } from 'vitest'
import { contractFile } from '../../server/test/contract.ts'
import { type Json, parametersOf, plain } from './document.ts'

interface HarborOperation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly params: readonly (Json & { readonly name: string; readonly in: string; readonly required?: boolean })[]
  readonly body?: { readonly schema: unknown; readonly required: boolean; readonly name: string }
  readonly responses: Readonly<Record<string, { readonly schema?: unknown; readonly headers?: readonly string[] }>>
}

const file = contractFile('harbor-v2.json')
const served = Object.entries(operations) as [string, OperationShape][]

describe.skipIf(file === undefined)("Harbor's API (needs ../shared/contract/harbor-v2.json)", () => {
  const harbor = JSON.parse(file ? readFileSync(file, 'utf8') : '{"operations":[],"definitions":{}}') as {
    operations: HarborOperation[]
    definitions: Record<string, unknown>
  }

  it(`Harbor API: ${served.length} of ${harbor.operations.length} operations`, () => {
    process.stdout.write(`Harbor API: ${served.length} of ${harbor.operations.length} operations\n`)
    expect(harbor.operations).toHaveLength(203)
  })

  it.each(served)('%s is as Harbor has it', (id, operation) => {
    const theirs = harbor.operations.find(({ operationId }) => operationId === id)
    if (!theirs) throw new Error(`Harbor has no operation ${id}`)
    expect(ours(operation)).toEqual(normal(theirs))
  })

  const definitions = Object.entries(contract).filter(([name]) => name in harbor.definitions)
  it.each(definitions)('%s has the fields that Harbor has', (name, schema) => {
    expect(plain(schema, reference, true)).toEqual(withoutHints(harbor.definitions[name]))
  })
})

const reference = (name: string): Json => ({ $ref: name })

/** What a client can rely on, in one form for both sides. */
function ours(operation: OperationShape): Json {
  return {
    method: operation.method,
    path: operation.path,
    parameters: parametersOf(operation)
      .map(({ name, place, required, schema }) => ({
        name,
        in: place,
        required,
        ...(plain(schema, reference) as Json),
      }))
      .sort(byName),
    body: operation.body
      ? { name: operation.bodyName, required: !operation.bodyOptional, schema: plain(operation.body, reference) }
      : undefined,
    status: operation.status,
    answer: operation.answer && plain(operation.answer, reference),
    headers: [...(operation.answerHeaders ?? [])].sort(),
    errors: [...operation.errors].sort(),
  }
}

function normal({ method, path, params, body, responses }: HarborOperation): Json {
  const [success = ['0', {}] as const] = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  return {
    method,
    path,
    parameters: params
      .filter(({ name }) => name !== 'X-Request-Id')
      .map((parameter): Json => ({ ...(withoutHints(parameter) as Json), required: parameter.required === true }))
      .sort(byName),
    body: body ? { name: body.name, required: body.required, schema: expand(body.schema) } : undefined,
    status: Number(success[0]),
    answer: expand(success[1].schema),
    headers: (success[1].headers ?? []).filter((name) => name !== 'X-Request-Id').sort(),
    errors: Object.keys(responses)
      .filter((status) => !status.startsWith('2'))
      .map(Number)
      .sort(),
  }
}

function byName(a: Json, b: Json): number {
  return String(a['name']) < String(b['name']) ? -1 : 1
}

const primitives = ['string', 'boolean', 'integer', 'number', 'object']

/** `Name`, `Name[]`, a primitive's name, or a schema. */
function expand(schema: unknown): unknown {
  if (typeof schema !== 'string') return withoutHints(schema)
  if (schema.endsWith('[]')) return { type: 'array', items: expand(schema.slice(0, -2)) }
  if (schema === 'file') return { type: 'string' }
  return primitives.includes(schema) ? { type: schema } : reference(schema)
}

/** Without what only concerns Harbor's own code generator. */
function withoutHints(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHints)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) => !['omitempty', 'isnullable', 'goType'].includes(key) && !(key === 'nullable' && inner === false),
  )
  if ('$ref' in value) return { $ref: value.$ref }
  const nullable = (value as Json)['isnullable'] === true ? { nullable: true } : {}
  // A name with a dot is quoted in the source.
  const named = kept.map(([key, inner]) => {
    // Values of any kind are called objects there.
    const anything = key === 'additionalProperties' && JSON.stringify(inner) === '{"type":"object"}'
    return [key.replaceAll("'", ''), anything ? {} : withoutHints(inner)]
  })
  return { ...Object.fromEntries(named), ...nullable }
}

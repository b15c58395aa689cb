import * as contract from '@breakwater/harbor-contract'
import { type OperationShape, operations, originalOf } from '@breakwater/harbor-contract'

export type Json = { readonly [key: string]: unknown }

/** Schemas that have a name, by their identity. */
const nameOf = new Map<object, string>(
  Object.entries(contract).flatMap(([name, value]) =>
    /^[A-Z]/.test(name) && typeof value === 'object' ? [[value, name] as const] : [],
  ),
)

/** A schema as plain JSON, with references to those that have a name. `root`: spell out the schema itself. */
export function plain(schema: unknown, refer: (name: string) => Json, root = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => plain(item, refer))
  if (typeof schema !== 'object' || schema === null) return schema
  const name = nameOf.get(originalOf(schema))
  if (name && !root) return refer(name)
  const { patternProperties, ...rest } = schema as Json
  const entries = Object.entries(rest).filter(([key]) => !key.startsWith('~'))
  const copied = Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === 'properties' ? plainProperties(value as Json, refer) : plain(value, refer),
    ]),
  )
  if (!patternProperties) return copied
  const [values] = Object.values(patternProperties as Json)
  return { ...copied, additionalProperties: plain(values, refer) }
}

function plainProperties(properties: Json, refer: (name: string) => Json): Json {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, plain(schema, refer)]))
}

const component = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })

/** The served part of Harbor's API as an OpenAPI 3.0 document. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [operationId, operation] of Object.entries(operations) as [string, OperationShape][]) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: { operationId, ...describe(operation) },
    }
  }
  const named = [...nameOf].sort(([, a], [, b]) => (a < b ? -1 : 1))
  return {
    openapi: '3.0.3',
    info: { title: "Breakwater: Harbor's API v2.0, as far as it is served", version: '2.0' },
    servers: [{ url: '/api/v2.0' }],
    security: [{ basic: [] }, {}],
    paths,
    components: {
      securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
      schemas: Object.fromEntries([
        ['Errors', errors],
        ...named.map(([schema, name]) => [name, plain(schema, component, true)]),
      ]),
    },
  }
}

const errors = {
  type: 'object',
  properties: {
    errors: {
      type: 'array',
      items: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } },
    },
  },
}

function describe(operation: OperationShape): Json {
  const [type = 'application/json'] = operation.produces ?? []
  return {
    parameters: parametersOf(operation).map(({ name, place, required, schema }) => ({
      name,
      in: place,
      required,
      schema: plain(schema, component),
    })),
    ...(operation.body
      ? {
          requestBody: {
            required: !operation.bodyOptional,
            content: { 'application/json': { schema: plain(operation.body, component) } },
          },
        }
      : {}),
    responses: {
      [operation.status]: {
        description: 'Success',
        ...(operation.answerHeaders
          ? {
              headers: Object.fromEntries(
                operation.answerHeaders.map((name) => [name, { schema: { type: 'string' } }]),
              ),
            }
          : {}),
        ...(operation.answer ? { content: { [type]: { schema: plain(operation.answer, component) } } } : {}),
      },
      ...Object.fromEntries(
        operation.errors.map((status) => [
          status,
          { description: 'Refusal', content: { 'application/json': { schema: component('Errors') } } },
        ]),
      ),
    },
  }
}

export interface Parameter {
  readonly name: string
  readonly place: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: unknown
}

export function parametersOf(operation: OperationShape): Parameter[] {
  const places = [
    ['path', operation.params],
    ['query', operation.query],
    ['header', operation.headers],
  ] as const
  return places.flatMap(([place, object]) => {
    const required = (object as { required?: readonly string[] } | undefined)?.required ?? []
    return Object.entries(object?.properties ?? {}).map(([name, schema]) => ({
      name,
      place,
      required: required.includes(name),
      schema,
    }))
  })
}

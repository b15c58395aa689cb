import { type Static, type TObject, type TOptional, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox'

/** One operation of Harbor's API, as a client has to know it. Paths begin after `/api/v2.0`. */
export interface OperationShape {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With parameters in braces: `/projects/{project_name_or_id}`. */
  readonly path: string
  readonly params?: TObject
  readonly query?: TObject
  readonly headers?: TObject
  readonly body?: TSchema
  /** As refusals call the body: `parsing project body from "" failed`. */
  readonly bodyName?: string
  readonly bodyOptional?: boolean
  /** The status of success. */
  readonly status: number
  readonly answer?: TSchema
  readonly answerHeaders?: readonly string[]
  /** Where it is not JSON. */
  readonly produces?: readonly string[]
  /** The statuses of refusal and failure that clients know. */
  readonly errors: readonly number[]
}

type Shape<P extends TProperties, R extends keyof P> = TObject<{
  [K in keyof P]: K extends R ? P[K] : TOptional<P[K]>
}>

const originals = new WeakMap<object, TSchema>()

/** A property's schema as it was given to `shape`, so that one that has a name can be known again. */
export function originalOf(schema: object): object {
  return originals.get(schema) ?? schema
}

/** An object all of whose properties may be absent, as Harbor's are, but for those that are named. */
export function shape<P extends TProperties, R extends keyof P & string = never>(
  properties: P,
  required: readonly R[] = [],
): Shape<P, R> {
  const given = Object.entries(properties).map(([name, schema]) => {
    if ((required as readonly string[]).includes(name)) return [name, schema]
    const optional = Type.Optional(schema)
    originals.set(optional, schema)
    return [name, optional]
  })
  return Type.Object(Object.fromEntries(given) as TProperties) as unknown as Shape<P, R>
}

/** A value that may be null, in the words of OpenAPI. */
export function nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  return Type.Unsafe<Static<T> | null>({ ...schema, nullable: true })
}

export const paging = {
  page: Type.Integer({ format: 'int64', default: 1 }),
  page_size: Type.Integer({ format: 'int64', default: 10, maximum: 100 }),
}

/** What many paths begin with: the project, by its name or id. */
export const projectParams = shape({ project_name_or_id: Type.String() }, ['project_name_or_id'])
export const projectNameParams = shape({ project_name: Type.String() }, ['project_name'])
export const repositoryParams = shape({ project_name: Type.String(), repository_name: Type.String() }, [
  'project_name',
  'repository_name',
])
export const artifactParams = shape(
  { project_name: Type.String(), repository_name: Type.String(), reference: Type.String() },
  ['project_name', 'repository_name', 'reference'],
)
/** Whether a number in the path is a name. */
export const nameHeaders = shape({ 'X-Is-Resource-Name': Type.Boolean({ default: false }) })

/** What an artifact is shown with. */
export const artifactFlags = {
  with_tag: Type.Boolean({ default: true }),
  with_label: Type.Boolean({ default: false }),
  with_scan_overview: Type.Boolean({ default: false }),
  with_sbom_overview: Type.Boolean({ default: false }),
  with_immutable_status: Type.Boolean({ default: false }),
  with_accessory: Type.Boolean({ default: false }),
}
/** The forms of a vulnerability report that a client reads, best first. */
export const acceptVulnerabilities = {
  'X-Accept-Vulnerabilities': Type.String({
    default:
      'application/vnd.security.vulnerability.report; version=1.1, application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
  }),
}

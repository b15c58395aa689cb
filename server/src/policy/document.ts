import { RegistryError } from '@breakwater/oci'
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { Compile } from 'typebox/compile'

const mode = Type.Union([Type.Literal('enforce'), Type.Literal('warn')])
/** As inventories call them: `jar`. */
const packageTypes = Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' }), { maxItems: 50 })

const demands = {
  mode,
  ignoreUnfixed: Type.Boolean(),
  staleDeny: Type.Boolean(),
  acceptNotCovered: packageTypes,
}

/** What a project may set beside Harbor's metadata, which switches its gate on and off. */
const projectSettings = Type.Object({
  ...demands,
  /** How long a pull waits for a scan that is under way. */
  holdSeconds: Type.Integer({ minimum: 0, maximum: 60 }),
})

/** What holds for every project, whatever it sets itself. */
const floorSettings = Type.Object({
  ...demands,
  /** Harbor's words; null: there is no floor. */
  severity: Type.Union([
    Type.Literal('none'),
    Type.Literal('low'),
    Type.Literal('medium'),
    Type.Literal('high'),
    Type.Literal('critical'),
    Type.Null(),
  ]),
  /** How long an exception may last. */
  exceptionDays: Type.Integer({ minimum: 1, maximum: 3650 }),
})

export type ProjectSettings = Static<typeof projectSettings>
export type FloorSettings = Static<typeof floorSettings>

/** A database that is too old is put up with for a while. */
export interface BreakGlass {
  readonly reason: string
  /** As the ledger names them. */
  readonly by: string
  /** RFC 3339. */
  readonly until: string
}

/** As stored: what was set, and nothing else. */
export type ProjectDocument = Partial<ProjectSettings> & { readonly breakGlass?: BreakGlass }
export type FloorDocument = Partial<FloorSettings> & { readonly breakGlass?: BreakGlass }

const strict = { mode: 'enforce', ignoreUnfixed: false, staleDeny: false, acceptNotCovered: [] } as const
export const projectDefaults: ProjectSettings = { ...strict, acceptNotCovered: [], holdSeconds: 10 }
export const floorDefaults: FloorSettings = { ...strict, acceptNotCovered: [], severity: null, exceptionDays: 90 }

/** A document from a body: what is not given has its default. Throws BAD_REQUEST, naming what is wrong. */
export const readProjectSettings = reader(projectSettings, projectDefaults)
export const readFloorSettings = reader(floorSettings, floorDefaults)

function reader<P extends TProperties>(schema: TObject<P>, defaults: Static<TObject<P>>) {
  const checked = Compile(Type.Partial(schema, { additionalProperties: false }))
  return (body: unknown): Static<TObject<P>> => {
    if (checked.Check(body)) return { ...defaults, ...(body as object) } as Static<TObject<P>>
    const problems = checked.Errors(body).map(({ instancePath, message, params }) => {
      const extra = 'additionalProperties' in params ? ` (${String(params['additionalProperties'])})` : ''
      return `${instancePath.slice(1).replaceAll('/', '.') || 'policy'} ${message}${extra}`
    })
    throw new RegistryError('BAD_REQUEST', [...new Set(problems)].slice(0, 5).join('; '))
  }
}

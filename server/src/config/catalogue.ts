import { type TObject, type TSchema, Type } from 'typebox'
import { type Annotations, annotationsOf } from './setting.ts'

/** One setting of the schema, found by its dotted key. */
export interface Setting extends Annotations {
  /** Dotted, as in `log.level`. */
  readonly key: string
  /** As in `BREAKWATER_LOG_LEVEL`. */
  readonly variable: string
  readonly schema: TSchema
  /** False when the schema may do without it, or without the group that it is in. */
  readonly required: boolean
  /** The optional group that has to be given whole, such as `tls`. */
  readonly group?: string
}

/** The variable that names the configuration file; it is no setting. */
export const configVariable = 'BREAKWATER_CONFIG'

/** All settings of a schema, in its order. */
export function settingsOf(schema: TObject, prefix = '', group?: string): Setting[] {
  return Object.entries(schema.properties).flatMap(([name, property]): Setting[] => {
    const key = prefix + name
    if (Type.IsObject(property)) {
      return settingsOf(property, `${key}.`, group ?? (Type.IsOptional(property) ? key : undefined))
    }
    const required = !Type.IsOptional(property) && group === undefined
    const own = { ...annotationsOf(property), key, variable: variableOf(key), schema: property, required }
    return [group === undefined ? own : { ...own, group }]
  })
}

/** `tls.certFile` becomes `BREAKWATER_TLS_CERT_FILE`. */
function variableOf(key: string): string {
  return `BREAKWATER_${key.replaceAll('.', '_').replace(/[A-Z]/g, '_$&').toUpperCase()}`
}

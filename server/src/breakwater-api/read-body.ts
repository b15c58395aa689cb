import { RegistryError } from '@breakwater/oci'
import type { Static, TObject, TProperties } from 'typebox'
import { Compile } from 'typebox/compile'
import { readObject } from './operation.ts'

/** Reads bodies of one shape. Throws BAD_REQUEST, naming what is wrong. */
export function bodyReader<P extends TProperties>(schema: TObject<P>): (body: string) => Static<TObject<P>> {
  const checked = Compile(schema)
  return (text) => {
    const body: unknown = readObject(text)
    if (checked.Check(body)) return body
    const problems = checked.Errors(body).map(({ instancePath, message, params }) => {
      const extra = 'additionalProperties' in params ? ` (${String(params['additionalProperties'])})` : ''
      return `${instancePath.slice(1).replaceAll('/', '.') || 'the body'} ${message}${extra}`
    })
    throw new RegistryError('BAD_REQUEST', [...new Set(problems)].slice(0, 5).join('; '))
  }
}

import { parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import type { RepositoryAction } from '../access/index.ts'

export interface RepositoryScope {
  readonly name: RepositoryName
  readonly actions: readonly RepositoryAction[]
}

const known: readonly string[] = ['pull', 'push', 'delete'] satisfies RepositoryAction[]

/** Scopes that one request may ask for. */
const mostScopes = 100

/**
 * Reads `repository:<name>:<actions>` scopes, several to a parameter or one each. What is not of this form is left out,
 * as Harbor does; `*` asks for every action.
 */
export function parseScopes(parameters: readonly string[]): RepositoryScope[] {
  const scopes: RepositoryScope[] = []
  for (const text of parameters.flatMap((parameter) => parameter.split(' ')).slice(0, mostScopes)) {
    const match = /^repository(?:\([^)]*\))?:(.+):([^:]*)$/.exec(text)
    const name = match?.[1] === undefined ? undefined : parseRepositoryName(match[1])
    if (!name?.includes('/')) continue
    const asked = (match?.[2] ?? '').split(',')
    const actions = asked.includes('*') ? known : asked.filter((action) => known.includes(action))
    scopes.push({ name, actions: actions as RepositoryAction[] })
  }
  return scopes
}

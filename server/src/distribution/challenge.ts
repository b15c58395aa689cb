import type { RepositoryAction } from '../access/index.ts'
import type { Target } from './path.ts'

/** The action that a request asks for. An upload is its pusher's business, whatever the method. */
function actionOf(method: string, target: Target): RepositoryAction {
  if (target.endpoint === 'upload') return 'push'
  if (isRead(method)) return 'pull'
  return method === 'DELETE' ? 'delete' : 'push'
}

export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** What is said to a request that has no Authorization header. */
export function withoutHeader(method: string, target: Target): string {
  if (target.endpoint === 'base') return 'unauthorized'
  if (target.endpoint === 'catalog') return 'unauthorized to list catalog'
  if (isRead(method)) return 'authorize header needed to send HEAD to repository'
  const name = 'name' in target ? target.name : ''
  return `unauthorized to access repository: ${name}, action: ${actionOf(method, target)}`
}

const scopeActions: Readonly<Record<RepositoryAction, string>> = { pull: 'pull', push: 'pull,push', delete: 'delete' }

/** The WWW-Authenticate header that tells a client which token to fetch, or to try a password again. */
export function challenge(ask: {
  readonly origin: string
  readonly method: string
  readonly target: Target | undefined
  readonly mountFrom: string | undefined
  readonly credential: 'none' | 'basic' | 'token'
  /** RFC 6750, section 3.1: what is wrong with the token that came along. */
  readonly error: 'invalid_token' | 'insufficient_scope'
}): string {
  const { target } = ask
  if (ask.credential === 'basic' || target?.endpoint === 'catalog') return 'Basic realm="harbor"'
  const scopes: string[] = []
  if (target && 'name' in target) scopes.push(`repository:${target.name}:${scopeActions[actionOf(ask.method, target)]}`)
  if (ask.mountFrom) scopes.push(`repository:${ask.mountFrom}:pull`)
  const scope = scopes.length > 0 ? `,scope="${scopes.join(' ')}"` : ''
  const error = ask.credential === 'token' ? `,error="${ask.error}"` : ''
  return `Bearer realm="${ask.origin}/service/token",service="harbor-registry"${scope}${error}`
}

import { RegistryError } from '@breakwater/oci'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { heldActions } from '../access/index.ts'
import type { PullLookups } from '../distribution/index.ts'
import { errorReply, send } from '../http/index.ts'
import {
  type Authentication,
  type Authenticator,
  currentRevision,
  type Grant,
  type Principal,
  type Tokens,
} from '../identity/index.ts'
import { recordFailedLogin } from '../ledger/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { Settings } from '../settings/index.ts'
import { parseScopes } from './scope.ts'

export interface LoginDeps {
  readonly pool: Pool
  readonly authenticator: Authenticator
  readonly tokens: Tokens
  readonly lookups: PullLookups
  readonly settings: Settings
}

const service = 'harbor-registry'

export function registerLogin(app: FastifyInstance, deps: LoginDeps): void {
  void app.register(async (login) => {
    // A form is refused for its method, not for its type: that is what sends containerd and BuildKit on to GET.
    login.removeAllContentTypeParsers()
    login.addContentTypeParser('*', (_request, _payload, done) => done(null))
    login.get('/service/token', (request, reply) => giveToken(deps, request, reply))
    login.route({
      method: ['POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/service/token',
      handler: (_request, reply) => text(reply, 405, 'Method Not Allowed'),
    })
  })
}

/** The token endpoint of the distribution token specification, with Harbor's answers. */
async function giveToken(deps: LoginDeps, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const query = new URL(request.url, 'http://x').searchParams
  const asked = query.get('service') ?? ''
  if (asked !== service) return text(reply, 400, `Unable to handle service: ${asked}`)
  const checked: Authentication = await deps.authenticator.authenticate(request.headers.authorization, request.ip)
  // Only a password is a login that failed: a token names nobody who could be asked about it.
  if (!checked.ok) return refuse(deps, request, reply, checked.reason === 'bad-password' ? checked.name : undefined)
  // A token is no way to a newer token, and an account that is gone or has changed has to log in again.
  if (!(await isCurrent(deps, checked.who))) {
    deps.authenticator.forget(request.headers.authorization ?? '')
    return refuse(deps, request, reply, undefined)
  }

  const scopes = parseScopes(query.getAll('scope'))
  if (checked.who.kind === 'anonymous' && !query.has('scope')) return refuse(deps, request, reply, undefined)
  const grants = await Promise.all(
    scopes.map(async ({ name, actions }): Promise<Grant> => {
      const facts = await deps.lookups.blob.get({ name, digest: undefined, who: checked.who })
      const held = heldActions(checked.who, facts)
      return { name, actions: actions.filter((action) => held.includes(action)) }
    }),
  )
  await send(reply, {
    status: 200,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'X-Request-Id': request.id,
      'Cache-Control': 'no-store',
    },
    body: JSON.stringify(await tokenAnswer(deps, checked.who, grants)),
  })
}

async function isCurrent({ pool }: LoginDeps, who: Principal): Promise<boolean> {
  if (who.kind === 'anonymous') return who.credential === 'none'
  if (who.credential === 'token') return false
  return (await currentRevision(pool, who)) === who.revision
}

async function tokenAnswer({ tokens, settings }: LoginDeps, who: Principal, grants: readonly Grant[]): Promise<object> {
  const lifetime = (await settings.current()).token_expiration * 60
  const issued = new Date()
  issued.setMilliseconds(0)
  return {
    token: await tokens.issue(who, grants, lifetime),
    access_token: '', // Harbor's; clients fall back to `token`
    expires_in: lifetime,
    issued_at: issued.toISOString().replace('.000Z', 'Z'),
  }
}

/** `name`: the account that a wrong password was given for; undefined where no credential was given at all. */
async function refuse(
  deps: LoginDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string | undefined,
): Promise<void> {
  if (name !== undefined) {
    await recordFailedLogin(deps.pool, name, { address: request.ip, requestId: request.id }, 'registry')
  }
  const message = name === undefined ? 'a login is needed' : 'incorrect username or password'
  const answer = errorReply(new RegistryError('UNAUTHORIZED', message))
  await send(reply, {
    ...answer,
    headers: { ...answer.headers, 'Www-Authenticate': 'Basic realm="harbor"', 'X-Request-Id': request.id },
  })
}

function text(reply: FastifyReply, status: number, body: string): Promise<void> {
  return send(reply, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Request-Id': reply.request.id },
    body,
  })
}

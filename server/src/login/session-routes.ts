import { RegistryError } from '@breakwater/oci'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { failureReply, type Reply, send } from '../http/index.ts'
import { type Authenticator, newSessionId, type Sessions } from '../identity/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import type { Settings } from '../settings/index.ts'
import { readCookie, sessionCookie, writeCookie } from './cookie.ts'
import type { Csrf, CsrfResult } from './csrf.ts'
import { endSession, startSession, userExists } from './session.ts'

export interface SessionDeps {
  readonly pool: Pool
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly settings: Settings
  readonly csrf: Csrf
  /** Whether clients use HTTPS: cookies are for HTTPS only then. */
  readonly secure: boolean
  readonly log: Logger
}

/** Forms of these routes are short. */
const bodyLimit = 16 << 10

/** Harbor's paths for browsers. */
export function registerSessions(app: FastifyInstance, deps: SessionDeps): void {
  const checked = new WeakMap<FastifyRequest, CsrfResult>()
  const cookie = (value: string, maxAge?: number) =>
    writeCookie(sessionCookie, value, {
      sameSite: 'Lax',
      secure: deps.secure,
      ...(maxAge === undefined ? {} : { maxAge }),
    })

  /** `sid`: the session's new cookie. Without one, a browser that has none gets one that is nobody's, as Harbor's do. */
  function answer(request: FastifyRequest, reply: FastifyReply, given: Reply, sid?: string): Promise<void> {
    const csrf = checked.get(request)
    const own = readCookie(request.headers.cookie, sessionCookie) === undefined ? cookie(newSessionId()) : undefined
    const cookies = [csrf?.setCookie, sid ?? own].filter((text) => text !== undefined)
    if (cookies.length > 0) reply.raw.setHeader('Set-Cookie', cookies)
    const headers = { ...given.headers, ...csrf?.headers, 'Cache-Control': 'no-store', 'X-Request-Id': request.id }
    return send(reply, { ...given, headers })
  }

  void app.register(
    async (browser) => {
      browser.removeAllContentTypeParsers()
      browser.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, text, done) => done(null, text))
      browser.setErrorHandler((error: FastifyError, request, reply) =>
        answer(request, reply, failureReply(deps.log, request, error)),
      )
      browser.addHook('onRequest', async (request) => {
        const token = request.headers['x-harbor-csrf-token']?.toString()
        const result = deps.csrf.check({ method: request.method, cookie: request.headers.cookie, token })
        checked.set(request, result)
        if (result.problem) throw new RegistryError('FORBIDDEN', result.problem)
      })
      browser.post('/login', async (request, reply) => {
        const form = formOf(request)
        const principal = form.get('principal') ?? ''
        const sid = await startSession(deps, principal, form.get('password') ?? '', callOf(request))
        return sid === undefined
          ? answer(request, reply, { status: 401 })
          : answer(request, reply, { status: 200 }, cookie(sid))
      })
      browser.get('/log_out', async (request, reply) => {
        await endSession(deps, callOf(request))
        return answer(request, reply, { status: 200 }, cookie('', 0))
      })
      browser.post('/userExists', async (request, reply) => {
        const form = formOf(request)
        const found = await userExists(deps, form.get('target') ?? '', form.get('value') ?? '', callOf(request))
        const headers = { 'Content-Type': 'application/json; charset=utf-8' }
        return answer(request, reply, { status: 200, headers, body: String(found) })
      })
    },
    { prefix: '/c' },
  )
}

function formOf({ body }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(typeof body === 'string' ? body : '')
}

function callOf(request: FastifyRequest) {
  const sid = readCookie(request.headers.cookie, sessionCookie)
  return { sid, address: request.ip, requestId: request.id }
}

import { RegistryError } from '@breakwater/oci'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { identify } from '../harbor-api/index.ts'
import { errorReply, type Reply, send } from '../http/index.ts'
import type { Authenticator, Sessions } from '../identity/index.ts'
import type { Logger } from '../observability/index.ts'
import { type ExplainDeps, explainAccess } from './explain-access.ts'

export interface BreakwaterApiDeps extends ExplainDeps {
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly log: Logger
}

export function registerBreakwaterApi(app: FastifyInstance, deps: BreakwaterApiDeps): void {
  void app.register(
    async (api) => {
      const answer = (request: FastifyRequest, reply: FastifyReply, given: Reply) =>
        send(reply, { ...given, headers: { ...given.headers, 'X-Request-Id': request.id } })
      api.setErrorHandler((error: FastifyError, request, reply) => {
        const refusal = errorReply(error)
        if (refusal.internal) deps.log.error({ err: error, requestId: request.id, url: request.url }, 'request failed')
        return answer(request, reply, refusal)
      })
      api.setNotFoundHandler((request) => {
        throw new RegistryError('NOT_FOUND', `path ${request.url.replace(/\?.*$/s, '')} was not found`)
      })
      api.get('/access/explain', async (request, reply) => {
        const { authorization, cookie } = request.headers
        const from = { authorization, cookie, renews: true, address: request.ip, id: request.id }
        const caller = await identify(deps, from)
        const value = await explainAccess(deps, caller, new URL(request.url, 'http://x').searchParams)
        return answer(request, reply, {
          status: 200,
          headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
          body: `${JSON.stringify(value)}\n`,
        })
      })
    },
    { prefix: '/api/breakwater/v1' },
  )
}

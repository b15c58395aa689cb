import { type OperationId, type OperationShape, operations } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { failureReply, origin, type Reply, send } from '../http/index.ts'
import { type Csrf, readCookie, sessionCookie } from '../login/index.ts'
import type { Logger } from '../observability/index.ts'
import { requireWritable } from '../settings/index.ts'
import { identify } from './caller.ts'
import { handlers } from './handlers.ts'
import { type ApiDeps, type Input, json } from './operation.ts'
import { recordRefused } from './permit.ts'
import { createChecks } from './request/validate.ts'

/** As Harbor lists them. */
const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const

/** Bodies of the API are small; a manifest's limit is not theirs. */
const bodyLimit = 1 << 20

export interface ApiRouteDeps extends ApiDeps {
  readonly csrf: Csrf
  readonly log: Logger
}

export function registerHarborApi(app: FastifyInstance, deps: ApiRouteDeps): void {
  void app.register(
    async (api) => {
      // The text is read here, and checked by the operation's schema.
      api.removeAllContentTypeParsers()
      api.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, text, done) => done(null, text))
      const answer = (request: FastifyRequest, reply: FastifyReply, given: Reply) =>
        send(reply, { ...given, headers: { ...given.headers, 'X-Request-Id': request.id } })
      api.setErrorHandler((error: FastifyError, request, reply) =>
        answer(request, reply, failureReply(deps.log, request, error)),
      )
      // The token against forged requests is for browsers only: for requests with a session's cookie.
      api.addHook('onRequest', async ({ method, headers }, { raw }) => {
        if (readCookie(headers.cookie, sessionCookie) === undefined) return
        const token = headers['x-harbor-csrf-token']
        const checked = deps.csrf.check({ method, cookie: headers.cookie, token: token?.toString() })
        raw.setHeaders(new Map(Object.entries(checked.headers)))
        if (checked.setCookie) raw.setHeader('Set-Cookie', checked.setCookie)
        if (checked.problem) throw new RegistryError('FORBIDDEN', checked.problem)
      })
      api.get('/version', (request, reply) => answer(request, reply, json({ version: 'v2.0' })))

      const methods = new Map<string, string[]>()
      for (const [id, operation] of Object.entries(operations) as [OperationId, OperationShape][]) {
        const handle = handlers[id] as (deps: ApiDeps, input: Input) => Promise<Reply>
        const checks = createChecks(operation)
        const url = `/v2.0${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`
        methods.set(url, [...(methods.get(url) ?? []), operation.method])
        api.route({
          method: operation.method,
          url,
          handler: async (request, reply) => {
            request.operation = id
            if (changes(id, operation)) await requireWritable(deps.settings)
            const input = await read(deps, request, checks)
            try {
              return answer(request, reply, await handle(deps, input))
            } catch (error) {
              await recordRefused(deps, input.caller, operation, error)
              throw error
            }
          },
        })
      }
      for (const [url, served] of methods) {
        const known = order.filter((method) => served.includes(method))
        const others = order.filter((method) => method !== 'HEAD' && !known.includes(method))
        api.route({
          method: others,
          url,
          handler: ({ method }) => {
            const message = `method ${method} is not allowed, but [${known.join(',')}] are`
            throw new RegistryError('METHOD_NOT_ALLOWED', message, { headers: { Allow: known.join(', ') } })
          },
        })
      }
      api.setNotFoundHandler((request) => {
        throw new RegistryError('NOT_FOUND', `path ${pathOf(request)} was not found`)
      })
    },
    { prefix: '/api' },
  )
}

/** The configuration can always be changed, or nobody could end the read-only mode. */
function changes(id: OperationId, { method }: OperationShape): boolean {
  return method !== 'GET' && method !== 'HEAD' && id !== 'updateConfigurations'
}

async function read(deps: ApiDeps, request: FastifyRequest, checks: ReturnType<typeof createChecks>): Promise<Input> {
  const search = searchOf(request)
  const parts = {
    params: checks.params(request.params as Record<string, string>),
    query: checks.query(search),
    headers: checks.headers(request.headers),
    body: checks.body(typeof request.body === 'string' ? request.body : ''),
  }
  const { authorization, cookie } = request.headers
  const renews = request.headers['x-harbor-no-session-renewal'] === undefined
  const caller = await identify(deps, { authorization, cookie, renews, address: request.ip, id: request.id })
  request.actor = caller.actor.name
  const path = pathOf(request).replace(/\/+$/, '')
  return { ...parts, caller, origin: origin(request, deps.facts.externalUrl), path, search } as Input
}

function pathOf({ raw }: FastifyRequest): string {
  return (raw.url ?? '').replace(/\?.*$/s, '')
}

function searchOf({ raw }: FastifyRequest): URLSearchParams {
  const url = raw.url ?? ''
  const mark = url.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
}

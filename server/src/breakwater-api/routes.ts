import { RegistryError } from '@breakwater/oci'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { identify } from '../harbor-api/index.ts'
import { failureReply, type Reply, send } from '../http/index.ts'
import type { Authenticator, Sessions } from '../identity/index.ts'
import { type Csrf, readCookie, sessionCookie } from '../login/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { requireWritable } from '../settings/index.ts'
import { type CollectionApiDeps, collectionOperations } from './collection.ts'
import { deletedArtifactOperations } from './deleted-artifacts.ts'
import { exceptionOperations } from './exceptions.ts'
import { type ExplainDeps, explainAccess } from './explain-access.ts'
import type { GateDeps } from './gate-deps.ts'
import { json, type Operation } from './operation.ts'
import { policyOperations } from './policies.ts'
import { previewOperations } from './previews.ts'
import { type ScrubApiDeps, scrubOperations } from './scrub.ts'
import { type TrustApiDeps, trustOperations } from './trust.ts'
import { verdictOperations } from './verdicts.ts'
import { type VulndbDeps, vulndbOperations } from './vulndb.ts'

export interface BreakwaterApiDeps
  extends ExplainDeps,
    VulndbDeps,
    GateDeps,
    TrustApiDeps,
    CollectionApiDeps,
    ScrubApiDeps {
  readonly pool: Pool
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly csrf: Csrf
  readonly log: Logger
}

const operations: readonly Operation<BreakwaterApiDeps>[] = [
  {
    method: 'GET',
    path: '/access/explain',
    handle: async (deps, { caller, search }) => json(await explainAccess(deps, caller, search)),
  },
  ...vulndbOperations,
  ...verdictOperations,
  ...policyOperations,
  ...previewOperations,
  ...exceptionOperations,
  ...trustOperations,
  ...collectionOperations,
  ...deletedArtifactOperations,
  ...scrubOperations,
]

/** Bodies of JSON are small. */
const bodyLimit = 1 << 20

export function registerBreakwaterApi(app: FastifyInstance, deps: BreakwaterApiDeps): void {
  void app.register(
    async (api) => {
      api.setErrorHandler((error: FastifyError, request, reply) =>
        answer(request, reply, failureReply(deps.log, request, error)),
      )
      api.setNotFoundHandler((request) => {
        throw new RegistryError('NOT_FOUND', `path ${request.url.replace(/\?.*$/s, '')} was not found`)
      })
      refuseForgery(api, deps)
      await api.register(async (whole) => {
        whole.removeAllContentTypeParsers()
        whole.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, text, done) => done(null, text))
        for (const operation of operations.filter(({ streams }) => !streams)) serve(whole, deps, operation)
      })
      await api.register(async (streaming) => {
        streaming.removeAllContentTypeParsers()
        streaming.addContentTypeParser('*', (_request, _payload, done) => done(null, ''))
        for (const operation of operations.filter(({ streams }) => streams)) serve(streaming, deps, operation)
      })
    },
    { prefix: '/api/breakwater/v1' },
  )
}

/** The token against forged requests is for browsers only: for requests with a session's cookie. */
function refuseForgery(api: FastifyInstance, { csrf }: BreakwaterApiDeps): void {
  api.addHook('onRequest', async ({ method, headers }, { raw }) => {
    if (readCookie(headers.cookie, sessionCookie) === undefined) return
    const token = headers['x-harbor-csrf-token']
    const checked = csrf.check({ method, cookie: headers.cookie, token: token?.toString() })
    raw.setHeaders(new Map(Object.entries(checked.headers)))
    if (checked.setCookie) raw.setHeader('Set-Cookie', checked.setCookie)
    if (checked.problem) throw new RegistryError('FORBIDDEN', checked.problem)
  })
}

function serve(api: FastifyInstance, deps: BreakwaterApiDeps, operation: Operation<BreakwaterApiDeps>): void {
  api.route({
    method: operation.method,
    url: operation.path,
    handler: async (request, reply) => {
      if (operation.method !== 'GET') await requireWritable(deps.settings)
      const { authorization, cookie } = request.headers
      const from = { authorization, cookie, renews: true, address: request.ip, id: request.id }
      const caller = await identify(deps, from)
      request.actor = caller.actor.name
      const given = await operation.handle(deps, {
        caller,
        params: request.params as Record<string, string>,
        search: new URL(request.url, 'http://x').searchParams,
        body: typeof request.body === 'string' ? request.body : '',
        stream: request.raw,
      })
      return answer(request, reply, given)
    },
  })
}

function answer(request: FastifyRequest, reply: FastifyReply, given: Reply) {
  return send(reply, { ...given, headers: { ...given.headers, 'X-Request-Id': request.id } })
}

import { parseRepositoryName, RegistryError } from '@breakwater/oci'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ClientGone } from '../blobs/index.ts'
import { ContentMissing } from '../content/index.ts'
import { failureReply, logFailure, origin, type Reply, send } from '../http/index.ts'
import { type Authentication, type Authenticator, actorName } from '../identity/index.ts'
import { type Actor, recordFailedLogin } from '../ledger/index.ts'
import type { Logger } from '../observability/index.ts'
import { requireWritable, type Settings } from '../settings/index.ts'
import { InvalidToken, StaleCredential, unauthorized } from './authorize.ts'
import { checkBase } from './base.ts'
import { challenge, isRead, withoutHeader } from './challenge.ts'
import { deleteBlob, deleteManifest } from './delete.ts'
import { catalog, referrers, tagsList } from './lists.ts'
import type { Call, DistributionDeps } from './operation.ts'
import { parsePath, type Target } from './path.ts'
import { pullBlob } from './pull-blob.ts'
import { pullManifest } from './pull-manifest.ts'
import { appendUpload, cancelUpload, finishUpload, startUpload, uploadStatus } from './push-blob.ts'
import { pushManifest } from './push-manifest.ts'

export interface RouteDeps extends DistributionDeps {
  readonly settings: Settings
  readonly authenticator: Authenticator
  readonly log: Logger
  readonly externalUrl: string | undefined
}

/** Every method and path of the specification, and the operation that answers it. */
function operate(deps: DistributionDeps, call: Call, target: Target): Promise<Reply> | undefined {
  const { method } = call
  const reads = isRead(method)
  switch (target.endpoint) {
    case 'base':
      return reads ? checkBase(deps, call, target) : undefined
    case 'catalog':
      return reads ? catalog(deps, call, target) : undefined
    case 'manifest':
      if (reads) return pullManifest(deps, call, target)
      if (method === 'PUT') return pushManifest(deps, call, target)
      return method === 'DELETE' ? deleteManifest(deps, call, target) : undefined
    case 'blob':
      if (reads) return pullBlob(deps, call, target)
      return method === 'DELETE' ? deleteBlob(deps, call, target) : undefined
    case 'uploads':
      return method === 'POST' ? startUpload(deps, call, target) : undefined
    case 'upload':
      if (method === 'PATCH') return appendUpload(deps, call, target)
      if (method === 'PUT') return finishUpload(deps, call, target)
      if (method === 'DELETE') return cancelUpload(deps, call, target)
      return reads ? uploadStatus(deps, call, target) : undefined
    case 'tags':
      return reads ? tagsList(deps, call, target) : undefined
    case 'referrers':
      return reads ? referrers(deps, call, target) : undefined
  }
}

/** What the operations above answer, as an Allow header has it. */
const allowed: Readonly<Record<Target['endpoint'], string>> = {
  base: 'GET, HEAD',
  catalog: 'GET, HEAD',
  manifest: 'GET, HEAD, PUT, DELETE',
  blob: 'GET, HEAD, DELETE',
  uploads: 'POST',
  upload: 'GET, HEAD, PATCH, PUT, DELETE',
  tags: 'GET, HEAD',
  referrers: 'GET, HEAD',
}

function notAllowed(method: string, { endpoint }: Target): RegistryError {
  const headers = { Allow: allowed[endpoint] }
  return new RegistryError('METHOD_NOT_ALLOWED', `${method} is not allowed here`, { headers })
}

export function registerDistribution(app: FastifyInstance, deps: RouteDeps): void {
  void app.register(async (v2) => {
    // Bodies are the operations' to read, as streams.
    v2.removeAllContentTypeParsers()
    v2.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const route = {
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      handler: (request: FastifyRequest, reply: FastifyReply) => handle(deps, request, reply),
    }
    v2.route({ ...route, url: '/v2' })
    v2.route({ ...route, url: '/v2/*' })
  })
}

/** What the one route of all paths stands for. */
const templates: Readonly<Record<Target['endpoint'], string>> = {
  base: '/v2/',
  catalog: '/v2/_catalog',
  manifest: '/v2/{name}/manifests/{reference}',
  blob: '/v2/{name}/blobs/{digest}',
  uploads: '/v2/{name}/blobs/uploads/',
  upload: '/v2/{name}/blobs/uploads/{id}',
  tags: '/v2/{name}/tags/list',
  referrers: '/v2/{name}/referrers/{digest}',
}

async function handle(deps: RouteDeps, request: FastifyRequest, fastifyReply: FastifyReply): Promise<void> {
  const answered = await answer(deps, request)
  if (answered === undefined) {
    fastifyReply.hijack()
    fastifyReply.raw.destroy()
    return
  }
  const reply: Reply = {
    ...answered,
    headers: { ...answered.headers, 'Docker-Distribution-Api-Version': 'registry/2.0', 'X-Request-Id': request.id },
  }
  try {
    await send(fastifyReply, reply)
  } catch (error) {
    const { raw } = fastifyReply
    if (!raw.headersSent && !raw.destroyed) {
      await send(fastifyReply, failure(deps, request, error, undefined))
      return
    }
    // Half a body can't be taken back: the broken connection tells the client.
    if (error instanceof ContentMissing) logFailure(deps.log, request, error, 'blob is damaged')
    raw.destroy()
  }
}

/** Undefined where there is nobody to answer. */
async function answer(deps: RouteDeps, request: FastifyRequest): Promise<Reply | undefined> {
  let target: Target | undefined
  try {
    const url = request.raw.url ?? ''
    const mark = url.indexOf('?')
    target = parsePath(mark < 0 ? url : url.slice(0, mark))
    if (target) {
      request.operation = `v2.${target.endpoint}`
      request.template = templates[target.endpoint]
    }
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
    return await answerTarget(deps, request, target, query)
  } catch (error) {
    if (error instanceof ClientGone || isGone(request)) return undefined
    return failure(deps, request, error, target)
  }
}

async function answerTarget(
  deps: RouteDeps,
  request: FastifyRequest,
  target: Target | undefined,
  query: URLSearchParams,
): Promise<Reply> {
  // Nobody has to log in to be told what there is to ask for.
  if (target && request.method === 'OPTIONS') throw notAllowed(request.method, target)
  const header = request.headers.authorization
  let who = await authenticate(deps, request, header)
  const call = (): Call => ({
    method: request.method,
    query,
    message: request.raw,
    who,
    actor: actorOf(request, actorName(who), who.credential),
  })
  if (!target) throw new RegistryError('NOT_FOUND', `path ${request.url} was not found`)
  // Harbor's rule: without an Authorization header nothing is served, public or not; a client then fetches a token.
  if (header === undefined) throw unauthorized(withoutHeader(request.method, target))
  if (!isRead(request.method)) await requireWritable(deps.settings)
  try {
    return await run(deps, call(), target)
  } catch (error) {
    if (!(error instanceof StaleCredential)) throw error
    deps.authenticator.forget(header)
    who = await authenticate(deps, request, header)
    return run(deps, call(), target).catch((again: unknown) => {
      throw again instanceof StaleCredential ? unauthorized('the account of this credential has changed') : again
    })
  }
}

async function run(deps: RouteDeps, call: Call, target: Target): Promise<Reply> {
  const reply = operate(deps, call, target)
  if (!reply) throw notAllowed(call.method, target)
  return reply
}

async function authenticate(deps: RouteDeps, request: FastifyRequest, header: string | undefined) {
  const checked = deps.authenticator.authenticate(header, request.ip)
  const result: Authentication = checked instanceof Promise ? await checked : checked
  if (result.ok) {
    request.actor = actorName(result.who)
    return result.who
  }
  if (result.reason === 'bad-password') {
    await recordFailedLogin(deps.pool, result.name, { address: request.ip, requestId: request.id }, 'registry')
    throw new RegistryError('UNAUTHORIZED', 'incorrect username or password')
  }
  if (result.reason === 'bad-token') throw new InvalidToken()
  throw new RegistryError('UNAUTHORIZED', 'unauthorized: unauthorized')
}

function actorOf(request: FastifyRequest, name: string, credential: Actor['credential']): Actor {
  return { name, credential, address: request.ip, requestId: request.id }
}

function failure(deps: RouteDeps, request: FastifyRequest, error: unknown, target: Target | undefined): Reply {
  const reply = failureReply(deps.log, request, error)
  if (reply.status !== 401) return reply
  const credential = credentialOf(request.headers.authorization)
  const mountFrom = parseRepositoryName(new URL(request.url, 'http://x').searchParams.get('from') ?? '')
  const ask = {
    origin: origin(request, deps.externalUrl),
    method: request.method,
    target,
    mountFrom,
    credential,
    error: error instanceof InvalidToken ? ('invalid_token' as const) : ('insufficient_scope' as const),
  }
  return { ...reply, headers: { ...reply.headers, 'Www-Authenticate': challenge(ask) } }
}

/** Node takes the socket from a message whose connection is over. */
function isGone({ raw }: FastifyRequest): boolean {
  const socket: { readonly destroyed: boolean; readonly remoteAddress?: string | undefined } | null = raw.socket
  // A connection that the client has reset loses its address before it is destroyed.
  return socket === null || socket.destroyed || socket.remoteAddress === undefined
}

function credentialOf(header: string | undefined): 'none' | 'basic' | 'token' {
  if (header === undefined) return 'none'
  return header.slice(0, 7).toLowerCase() === 'bearer ' ? 'token' : 'basic'
}

import { randomUUID } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Server as TlsServer } from 'node:https'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Config } from '../config/index.ts'
import type { Logger, Metrics, Tracing } from '../observability/index.ts'
import { failureReply } from './failure.ts'
import { errorReply } from './reply-error.ts'
import { send } from './send.ts'
import { watchRequests } from './watch.ts'

export interface HttpServer extends AsyncDisposable {
  readonly app: FastifyInstance
  /** Listens, and returns the address as clients type it. */
  listen(): Promise<string>
  /** From now on each answer ends its connection, so that clients and proxies come back to another process. */
  drain(): void
  /** Whether `drain` was called. */
  readonly draining: () => boolean
}

/** A socket on which nothing moves for this long is closed; a large upload may last as long as it moves. */
const idleTimeout = 120_000
/** How long a stop waits for requests that are under way. */
const closePatience = 20_000
const requestIdPattern = /^[\w.:@/-]{1,128}$/

export function createHttpServer(config: Config, log: Logger, metrics: Metrics, tracing?: Tracing): HttpServer {
  const tls = config.tls && readTls(config.tls)
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: config.limits.manifestBytes,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // What comes in on an open connection while we close is answered; the connection ends with it.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 4096, ignoreDuplicateSlashes: false, ignoreTrailingSlash: true },
    ...(config.trustedProxies ? { trustProxy: [...config.trustedProxies] } : {}),
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID()
    },
    frameworkErrors: (error, _request, reply) => {
      void send(reply, errorReply(error))
    },
    ...(tls ? { https: { ...tls, minVersion: 'TLSv1.2' as const } } : {}),
  })
  const { server } = app
  let draining = false
  server.requestTimeout = 0
  server.headersTimeout = 30_000
  server.timeout = idleTimeout
  server.maxConnections = config.limits.maxConnections

  watchRequests(app, { metrics, log: config.log.requests ? log : undefined, tracing })

  // Once a body has arrived, it is our turn: to sync or to rehash some gigabytes may take longer than a client may idle.
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    reply.raw.setHeader('X-Request-Id', request.id)
    if (draining) reply.raw.setHeader('Connection', 'close')
    if (hasTwoHosts(raw.rawHeaders)) {
      done(Object.assign(new Error('a request names one host'), { statusCode: 400 }))
      return
    }
    if (raw.method === 'PUT' || raw.method === 'POST') raw.once('end', () => raw.socket.setTimeout(0))
    done()
  })
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (raw.method === 'PUT' || raw.method === 'POST') raw.socket.setTimeout(idleTimeout)
    done()
  })

  app.setErrorHandler((error, request, reply) => send(reply, failureReply(log, request, error)))
  app.setNotFoundHandler((request, reply) =>
    send(reply, errorReply(Object.assign(new Error(`path ${request.url} was not found`), { statusCode: 404 }))),
  )

  return {
    app,
    async listen() {
      const { host, port } = config.listen
      await app.listen({ host, port })
      const address = server.address()
      const actual = typeof address === 'object' && address ? address.port : port
      if (config.tls) watchTls(config.tls, server as unknown as TlsServer, log)
      return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${actual}`
    },
    drain() {
      draining = true
    },
    draining: () => draining,
    async [Symbol.asyncDispose]() {
      if (config.tls) for (const file of [config.tls.certFile, config.tls.keyFile]) unwatchFile(file)
      const patience = setTimeout(() => server.closeAllConnections(), closePatience)
      await app.close()
      clearTimeout(patience)
    },
  }
}

/** RFC 9112, section 3.2: Node keeps the first of them, another reader of the same bytes may take the last. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let name = 0; name < rawHeaders.length; name += 2) {
    const text = rawHeaders[name]
    if (text?.length === 4 && text.toLowerCase() === 'host') hosts += 1
  }
  return hosts > 1
}

type TlsFiles = NonNullable<Config['tls']>

function readTls(files: TlsFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) }
}

/** Takes up new certificates when their files change (cert-manager swaps a link, so polling sees what inotify may not). */
function watchTls(files: TlsFiles, server: TlsServer, log: Logger): void {
  const reload = () => {
    try {
      server.setSecureContext(readTls(files))
      log.info({ certFile: files.certFile }, 'TLS certificate reloaded')
    } catch (err) {
      // Between two writes, key and certificate may not match: the next change tries again.
      log.warn({ err, certFile: files.certFile }, 'TLS certificate not reloaded; the one before stays')
    }
  }
  for (const file of [files.certFile, files.keyFile]) watchFile(file, { interval: 2_000, persistent: false }, reload)
}

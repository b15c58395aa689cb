import { AsyncLocalStorage } from 'node:async_hooks'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger, Metrics, RequestSpan, Tracing } from '../observability/index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What is asked for, out of a list that clients can't make longer; '' stands for the route's own pattern. */
    operation: string
    /** The route in words of its own, where the pattern is one for many; '' stands for the route's own pattern. */
    template: string
    /** Who asks, once that is known. */
    actor: string
    /** The code of the error that was answered. */
    refusal: string
  }
}

/** Methods that a client may invent are one. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** How nginx writes that the client went away before the answer was out. */
const clientGone = 499

/** How far a connection was read when its last answer was out: a request begins before it is known of. */
const readUntil = new WeakMap<Socket, number>()

/** Counts every request, and writes one line for each: with the route instead of the path, which may hold a secret. */
export function watchRequests(app: FastifyInstance, { metrics, log, tracing }: Watching): void {
  app.decorateRequest('operation', '')
  app.decorateRequest('template', '')
  if (tracing) traceRequests(app, tracing)
  app.decorateRequest('actor', '')
  app.decorateRequest('refusal', '')
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw
    const begun = { at: performance.now(), read: readUntil.get(socket) ?? 0, written: socket.bytesWritten }
    metrics.inFlight.add([])
    const end = () => {
      metrics.inFlight.add([], -1)
      const seconds = (performance.now() - begun.at) / 1_000
      const received = Math.max(0, socket.bytesRead - begun.read)
      readUntil.set(socket, socket.bytesRead)
      const sent = Math.max(0, socket.bytesWritten - begun.written)
      note(request, reply, { seconds, received, sent })
    }
    // The line of the log names the trace.
    reply.raw.once('close', tracing ? AsyncLocalStorage.bind(end) : end)
    done()
  })

  function note(request: FastifyRequest, { raw }: FastifyReply, { seconds, received, sent }: Measured): void {
    const operation = request.operation || (request.routeOptions.url ?? 'unknown')
    const method = methods.includes(request.method) ? request.method : 'other'
    const status = raw.writableFinished ? raw.statusCode : clientGone
    metrics.requests.add([method, String(status), operation])
    metrics.requestSummary.observe([method, operation], seconds)
    metrics.requestTimes.observe([operation], seconds)
    metrics.received.add([operation], received)
    metrics.sent.add([operation], sent)
    if (request.refusal !== '') metrics.refusals.add([request.refusal, operation])
    log?.info(
      {
        requestId: request.id,
        method,
        route: operation,
        status,
        ms: Math.round(seconds * 1e4) / 10,
        received,
        sent,
        ...(request.actor === '' ? {} : { actor: request.actor }),
        ...(request.refusal === '' ? {} : { code: request.refusal }),
      },
      'request',
    )
  }
}

/** One span for each request, active in all that it does. */
function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, RequestSpan>()
  app.addHook('onRequest', (request, { raw }, done) => {
    const { method, protocol: scheme, headers } = request
    const span = tracing.request({ method, scheme, path: request.url.replace(/\?.*$/s, ''), headers })
    spans.set(request, span)
    raw.once('close', () => {
      const route = request.template || request.routeOptions.url
      span.end({ route, status: raw.writableFinished ? raw.statusCode : clientGone, error: request.refusal })
    })
    span.run(done)
  })
  // A body arrives in events of its connection, which know of no request.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request)
    if (span) span.run(done)
    else done()
  })
}

interface Watching {
  readonly metrics: Metrics
  /** Undefined where requests are not logged. */
  readonly log: Logger | undefined
  readonly tracing: Tracing | undefined
}

interface Measured {
  readonly seconds: number
  readonly received: number
  readonly sent: number
}

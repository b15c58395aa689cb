import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger, Metrics } from '../observability/index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What is asked for, out of a list that clients can't make longer; '' stands for the route's own pattern. */
    operation: string
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
export function watchRequests(app: FastifyInstance, metrics: Metrics, log: Logger | undefined): void {
  app.decorateRequest('operation', '')
  app.decorateRequest('actor', '')
  app.decorateRequest('refusal', '')
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw
    const begun = { at: performance.now(), read: readUntil.get(socket) ?? 0, written: socket.bytesWritten }
    metrics.inFlight.add([])
    reply.raw.once('close', () => {
      metrics.inFlight.add([], -1)
      const seconds = (performance.now() - begun.at) / 1_000
      const received = Math.max(0, socket.bytesRead - begun.read)
      readUntil.set(socket, socket.bytesRead)
      const sent = Math.max(0, socket.bytesWritten - begun.written)
      note(request, reply, { seconds, received, sent })
    })
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

interface Measured {
  readonly seconds: number
  readonly received: number
  readonly sent: number
}

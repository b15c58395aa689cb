import type { FastifyRequest } from 'fastify'
import { type Logger, withoutValues } from '../observability/index.ts'
import type { Reply } from './reply.ts'
import { errorReply } from './reply-error.ts'

/** The reply to a request that failed; what was no fault of the client is logged for an operator. */
export function failureReply(log: Logger, request: FastifyRequest, error: unknown): Reply {
  const { internal, ...reply } = errorReply(error)
  if (internal) logFailure(log, request, error, 'request failed')
  return reply
}

/** The one way in which lines of a log name a request by its address. */
export function logFailure(log: Logger, { id, url }: FastifyRequest, err: unknown, message: string): void {
  log.error({ err, requestId: id, url: withoutValues(url) }, message)
}

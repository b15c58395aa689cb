import type { FastifyRequest } from 'fastify'

/** The scheme and host that a client uses for us: the scheme from the external URL, the host from the request. */
export function origin(request: FastifyRequest, externalUrl: string | undefined): string {
  const scheme = externalUrl ? new URL(externalUrl).protocol : `${request.protocol}:`
  return `${scheme}//${request.headers.host ?? 'localhost'}`
}

import type { FastifyReply } from 'fastify'
import type { Reply } from './reply.ts'

/** Writes a reply. A body that the client still sends after a refusal is read up to a limit, then cut off. */
export async function send(fastifyReply: FastifyReply, reply: Reply): Promise<void> {
  const { raw, request } = fastifyReply
  fastifyReply.hijack()
  if (reply.code !== undefined) request.refusal = reply.code
  if (raw.destroyed) return
  if (reply.stream) {
    // What every answer carries; the stream writes the others.
    raw.setHeaders(new Map(Object.entries(reply.headers ?? {})))
    await reply.stream(raw)
    return
  }
  const body = reply.body
  if (!request.raw.complete) limitLeftover(request.raw, raw)
  raw.writeHead(reply.status, {
    ...reply.headers,
    ...(reply.status === 204 || reply.status === 304 || 'Content-Length' in (reply.headers ?? {})
      ? {}
      : { 'Content-Length': body === undefined ? 0 : Buffer.byteLength(body) }),
  })
  raw.end(request.method === 'HEAD' ? undefined : body)
}

/** A refused upload: a client that reads our answer stops soon; one that does not is cut off after this much. */
const leftoverBytes = 8 << 20

function limitLeftover(request: FastifyReply['request']['raw'], response: FastifyReply['raw']): void {
  let seen = 0
  response.shouldKeepAlive = false
  request.on('data', (chunk: Buffer) => {
    seen += chunk.length
    if (seen > leftoverBytes) request.destroy()
  })
  request.on('error', () => undefined)
}

import * as http from 'node:http'
import * as https from 'node:https'
import { pipeline } from 'node:stream/promises'

/** Where to send: an origin (`http://127.0.0.1:5000`) and, for TLS, the PEM of the authority to trust. */
export interface Target {
  readonly origin: string
  readonly ca?: string | undefined
}

export interface Request {
  readonly method: string
  /** Path and query, or an absolute address on the same origin (as in a Location header). */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Whole bytes, or pieces that are written as they come (with `length`, else chunked). */
  readonly body?: Buffer | AsyncIterable<Buffer>
  readonly length?: number
}

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** A server that says nothing for so long has stalled. */
const silenceMs = 120_000
const plainAgent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const secureAgents = new Map<string, https.Agent>()

function agentFor(target: Target): http.Agent {
  if (target.ca === undefined) return plainAgent
  const agent = secureAgents.get(target.ca) ?? new https.Agent({ keepAlive: true, ca: target.ca })
  secureAgents.set(target.ca, agent)
  return agent
}

/** Sends a request and resolves with the reply once its header is there; the body is the caller's to read. */
export function open(target: Target, request: Request): Promise<http.IncomingMessage> {
  const url = new URL(request.path, target.origin)
  const length = Buffer.isBuffer(request.body) ? request.body.length : request.length
  const headers: Record<string, string> = { ...request.headers }
  if (length !== undefined) headers['content-length'] = String(length)
  else if (request.body === undefined && !['GET', 'HEAD'].includes(request.method)) headers['content-length'] = '0'
  return new Promise((resolve, reject) => {
    const { request: start } = url.protocol === 'https:' ? https : http
    const message = start(url, { method: request.method, headers, agent: agentFor(target), timeout: silenceMs })
    message.once('response', resolve)
    message.once('error', reject)
    message.once('timeout', () => {
      message.destroy(new Error(`${request.method} ${url.pathname}: no byte for ${silenceMs / 1000} seconds`))
    })
    if (request.body === undefined || Buffer.isBuffer(request.body)) message.end(request.body)
    else pipeline(request.body, message).catch(reject)
  })
}

/** Sends a request and reads the whole reply. Throws on a broken connection, never for a status. */
export async function send(target: Target, request: Request): Promise<Reply> {
  const message = await open(target, request)
  const pieces: Buffer[] = []
  for await (const piece of message) pieces.push(piece as Buffer)
  return { status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(pieces) }
}

import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { finished } from 'node:stream/promises'

/** What was sent back, its body whole. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: string | Uint8Array | readonly Uint8Array[]
  /** `Basic …` or `Bearer …`; undefined for none. */
  readonly auth?: string | undefined
}

/** Sends one request on a connection of its own. A body given as a list is sent chunked, one chunk for each entry. */
export function ask(origin: string, method: string, path: string, { headers, body, auth }: Ask = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin)
  const chunks = Array.isArray(body) ? (body as readonly Uint8Array[]) : undefined
  const whole = chunks ? undefined : (body as string | Uint8Array | undefined)
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: hostname,
        port,
        method,
        path,
        agent: false,
        headers: {
          ...(auth === undefined ? {} : { authorization: auth }),
          ...(whole === undefined ? {} : { 'content-length': Buffer.byteLength(whole) }),
          ...(chunks ? { 'transfer-encoding': 'chunked' } : {}),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        finished(response).then(() => {
          const bytes = Buffer.concat(parts)
          const { statusCode = 0, headers } = response
          resolve({ status: statusCode, headers, bytes, text: bytes.toString() })
        }, reject)
      },
    )
    request.on('error', reject)
    for (const chunk of chunks ?? []) request.write(chunk)
    request.end(whole)
  })
}

export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}

/** The only error of an answer. */
export function errorOf(answer: Answer): { code: string; message: string; detail?: unknown } {
  const { errors } = JSON.parse(answer.text) as { errors: { code: string; message: string; detail?: unknown }[] }
  const [error] = errors
  if (!error || errors.length !== 1) throw new Error(`expected one error, got ${answer.text}`)
  return error
}

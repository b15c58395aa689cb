import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

export interface Account {
  readonly user: string
  readonly password: string
}

export interface Request {
  readonly method?: string
  readonly account?: Account
  /** Sent as JSON. */
  readonly body?: unknown
  /** PEM of the authority to trust. */
  readonly ca?: string
}

export interface Reply {
  readonly status: number
  readonly body: string
}

/** One request on a connection of its own. Throws what the connection throws. */
export function send(url: string, { method = 'GET', account, body, ca }: Request = {}): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    ...(account && { authorization: `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}` }),
    ...(text !== undefined && { 'content-type': 'application/json' }),
  }
  const options = { method, headers, agent: false, timeout: 30_000, ...(ca !== undefined && { ca }) }
  const request = url.startsWith('https:') ? tlsRequest(url, options) : plainRequest(url, options)
  request.on('timeout', () => request.destroy(new Error(`${method} ${url} was not answered within 30 s`)))
  request.on('error', reject)
  request.on('response', (response) => {
    let received = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk
    })
    response.on('error', reject)
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: received }))
  })
  request.end(text)
  return promise
}

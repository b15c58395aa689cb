import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

export interface RoundRobin extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Requests that each backend was given, in the order of the backends. */
  readonly counts: readonly number[]
}

/**
 * A streaming HTTP proxy on 127.0.0.1 that gives each request, not each connection, to the next of `backends`
 * (`host:port`). The Host header stays the client's.
 */
export async function startRoundRobin(backends: readonly string[]): Promise<RoundRobin> {
  const counts = backends.map(() => 0)
  let turn = 0
  const server = createServer((incoming, outgoing) => {
    const index = turn % backends.length
    turn += 1
    counts[index] = (counts[index] ?? 0) + 1
    forward(incoming, outgoing, backends[index] ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy got no TCP port')
  return {
    host: `127.0.0.1:${address.port}`,
    counts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, backend: string): void {
  const { method, url: path, headers } = incoming
  const [host, port] = backend.split(':')
  const upstream = request({ host, port, method, path, headers, agent: false }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(outgoing)
    response.on('error', () => outgoing.destroy())
  })
  upstream.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(502).end(`the backend ${backend} did not answer: ${error.message}`)
  })
  outgoing.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
}

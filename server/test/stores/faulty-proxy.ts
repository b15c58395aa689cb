import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** What goes wrong with one request on its way to a store. */
export type Injected =
  /** The connection breaks before the store hears of it. */
  | 'reset'
  /** The store does what it is asked, and nobody hears of it. */
  | 'lost answer'
  /** An answer of the store's own kind, without a word in it. */
  | { readonly status: number }
  | { readonly delay: number }
  /** The answer's body ends after so many bytes. */
  | { readonly cutAfter: number }
  /** The header Content-Length of an answer without a body. */
  | { readonly claim: number }

export interface FaultyProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Decides for each request what goes wrong, by its method and path; nothing by default. */
  decide: (method: string, path: string) => Injected | undefined
  /** Requests that something went wrong with. */
  readonly count: () => number
  /** Stops answering, as a store that is away. */
  readonly close: () => Promise<void>
  readonly open: () => Promise<void>
}

/** An HTTP proxy before `upstream` (`host:port`) that breaks what a test wants broken. */
export async function startFaultyProxy(upstream: string): Promise<FaultyProxy> {
  let count = 0
  let port = 0
  const server = createServer((incoming, outgoing) => {
    const injected = proxy.decide(incoming.method ?? '', incoming.url ?? '')
    if (injected !== undefined) count += 1
    void pass(upstream, incoming, outgoing, injected)
  })
  const proxy = {
    host: '',
    decide: (_method: string, _path: string): Injected | undefined => undefined,
    count: () => count,
    open: () =>
      new Promise<void>((resolve) => {
        server.listen(port, '127.0.0.1', () => resolve())
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await proxy.close()
    },
  }
  await proxy.open()
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  port = address.port
  proxy.host = `127.0.0.1:${port}`
  return proxy
}

async function pass(
  upstream: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  injected: Injected | undefined,
): Promise<void> {
  if (injected === 'reset') return void incoming.socket.destroy()
  if (typeof injected === 'object' && 'status' in injected) {
    incoming.resume().on('end', () => outgoing.writeHead(injected.status, { 'content-length': 0 }).end())
    return
  }
  if (typeof injected === 'object' && 'delay' in injected) await new Promise((go) => setTimeout(go, injected.delay))
  const [host, port] = upstream.split(':')
  const { method, url: path, headers } = incoming
  const onward = request({ host, port, method, path, headers, agent: false }, (answer) => {
    if (injected === 'lost answer') {
      answer.resume()
      incoming.socket.destroy()
    } else give(answer, outgoing, injected)
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}

function give(answer: IncomingMessage, outgoing: ServerResponse, injected: Injected | undefined): void {
  const headers = { ...answer.headers }
  if (typeof injected === 'object' && 'claim' in injected) headers['content-length'] = String(injected.claim)
  outgoing.writeHead(answer.statusCode ?? 502, headers)
  answer.on('error', () => outgoing.destroy())
  if (typeof injected !== 'object' || !('cutAfter' in injected)) {
    answer.pipe(outgoing)
    return
  }
  let left = injected.cutAfter
  answer.on('data', (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, Math.max(0, left)))
    left -= chunk.length
    // What was written goes out first.
    if (left <= 0) setTimeout(() => outgoing.destroy(), 5)
  })
  // An answer that was ended is no longer broken off: its connection would wait for the next request.
  answer.on('end', () => left > 0 && outgoing.end())
}

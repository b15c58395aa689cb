import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'

/** A way for bytes to a server, which can be cut or held. */
export interface WireProxy extends AsyncDisposable {
  readonly port: number
  /** Closes every connection and takes no new ones, as if the server were gone. */
  cut(): void
  /** Moves no more bytes, and leaves every connection open, as if the network swallowed them. */
  hold(): void
  /** As before the cut or the hold. */
  restore(): Promise<void>
}

type Pair = readonly [Socket, Socket]

function join([client, upstream]: Pair): void {
  client.pipe(upstream)
  upstream.pipe(client)
}

function part(pair: Pair): void {
  for (const socket of pair) socket.unpipe().pause()
}

/** Passes bytes between 127.0.0.1 and `target`. */
export async function startWireProxy(target: NetConnectOpts): Promise<WireProxy> {
  const pairs = new Set<Pair>()
  let held = false
  const server = createServer((client) => {
    const upstream = connect(target)
    const pair = [client, upstream] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    if (!held) join(pair)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const cut = () => {
    server.close()
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  return {
    port,
    cut,
    hold() {
      held = true
      for (const pair of pairs) part(pair)
    },
    async restore() {
      if (held) for (const pair of pairs) join(pair)
      held = false
      if (!server.listening) await listen(port)
    },
    async [Symbol.asyncDispose]() {
      cut()
    },
  }
}

import { connect, type Socket } from 'node:net'

/** A connection on which bytes are sent as they are, for what no HTTP client would send. */
export interface Wire extends AsyncDisposable {
  send(bytes: string | Uint8Array): Promise<void>
  /** Everything that has come back once the server closes, or `wait` ms after the last byte. */
  received(wait?: number): Promise<string>
  /** Ends the connection at once, as a crash of the client would. */
  cut(): Promise<void>
}

export async function openWire(origin: string): Promise<Wire> {
  const { hostname, port } = new URL(origin)
  const socket: Socket = connect({ host: hostname, port: Number(port) })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject)
  })
  const parts: Buffer[] = []
  let last = Date.now()
  socket.on('error', () => undefined)
  socket.on('data', (part: Buffer) => {
    parts.push(part)
    last = Date.now()
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const cut = () => {
    socket.resetAndDestroy()
    return closed
  }
  return {
    send: (bytes) =>
      new Promise((resolve) => {
        socket.write(bytes, () => resolve())
      }),
    async received(wait = 500) {
      last = Date.now()
      while (!socket.destroyed && Date.now() - last < wait) await Promise.race([closed, pause(10)])
      return Buffer.concat(parts).toString('latin1')
    },
    cut,
    [Symbol.asyncDispose]: cut,
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectSecure } from 'node:tls'
import type { Address } from './job.ts'

/** What one reply was. */
export interface ReplyHead {
  readonly status: number
  readonly contentLength: number
}

/** A keep-alive HTTP/1.1 connection that counts and drops body bytes; one request at a time. */
export interface Connection {
  /** Writes a request; `done` is called when the last byte of the reply is in. */
  readonly exchange: (request: Buffer, hasBody: boolean, done: (head: ReplyHead) => void) => void
  readonly close: () => void
}

const endOfHead = '\r\n\r\n'
const longestHead = 8192

function parseHead(text: string): ReplyHead {
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)
  if (!length) throw new Error(`a reply without Content-Length cannot be counted: ${text.slice(0, 200)}`)
  return { status: Number(text.slice(9, 12)), contentLength: Number(length[1]) }
}

/** Opens a connection whose reads land in one reused buffer, so that large bodies cost the loader almost nothing. */
export function openConnection(
  address: Address,
  readBuffer: number,
  failed: (cause: Error) => void,
): Promise<Connection> {
  let done: ((head: ReplyHead) => void) | undefined
  let hasBody = true
  let head: ReplyHead | undefined
  let partialHead = ''
  let bodyLeft = 0

  const finish = (): void => {
    const callback = done
    const finished = head
    done = undefined
    head = undefined
    if (callback && finished) callback(finished)
  }
  const read = (bytes: number, buffer: Uint8Array): void => {
    if (head) {
      bodyLeft -= bytes
    } else {
      // Only as much text as a head may have: the rest of a large read is body.
      const text =
        partialHead + Buffer.from(buffer.buffer, buffer.byteOffset, Math.min(bytes, longestHead)).toString('latin1')
      const end = text.indexOf(endOfHead)
      if (end < 0) {
        if (text.length > longestHead) throw new Error(`a reply's head is longer than ${longestHead} bytes`)
        partialHead = text
        return
      }
      head = parseHead(text.slice(0, end))
      bodyLeft = (hasBody ? head.contentLength : 0) - (partialHead.length + bytes - end - endOfHead.length)
      partialHead = ''
    }
    if (bodyLeft < 0) throw new Error('the server sent more than Content-Length announced')
    if (bodyLeft === 0) finish()
  }
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    try {
      read(bytes, buffer)
    } catch (cause) {
      failed(cause as Error)
    }
    return true
  }
  const onread = { buffer: Buffer.allocUnsafe(readBuffer), callback }
  const { host, port, ca } = address
  return new Promise((resolve, reject) => {
    const ready = (): void => {
      const exchange: Connection['exchange'] = (request, expectBody, whenDone) => {
        done = whenDone
        hasBody = expectBody
        socket.write(request)
      }
      resolve({ exchange, close: () => socket.destroy() })
    }
    // tls.connect passes onread on to the socket that it makes; its type does not list it.
    const secure: ConnectionOptions & { onread: OnReadOpts } = { host, port, ca, onread }
    const socket: Socket = ca === undefined ? connectPlain({ host, port, onread }, ready) : connectSecure(secure, ready)
    socket.setNoDelay(true)
    socket.once('error', (cause) => {
      reject(cause)
      failed(cause)
    })
    socket.once('close', () => {
      if (done) failed(new Error('the server closed the connection before the reply was complete'))
    })
  })
}

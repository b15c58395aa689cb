import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Answer, Bucket } from './bucket.ts'
import { answerWithin, CallTimeout } from './retry.ts'

/** Bytes below which a connection of its own costs more than it saves. */
const worthwhile = 4 << 20
const mostHead = 16 << 10

/** Seconds for which an address has to be good: a read begins at once, and may last as long as it likes. */
const readSeconds = 300

/**
 * Reads the bytes `start` to `end` inclusive of an object, if they are many, through buffers that are used again and again. Node's HTTP clients allocate each chunk anew, which
 * costs three times the CPU in page faults and garbage. Undefined where they are few, or the answer is not just that
 * range (RFC 9110, section 15.3.7): the store's SDK then asks for it, and knows what a refusal means.
 */
export async function readDirectly(
  { direct, presign }: Pick<Bucket, 'direct' | 'presign'>,
  key: string,
  start: number,
  end: number,
): Promise<Answer | undefined> {
  if (!direct || end - start + 1 < worthwhile) return undefined
  const url = new URL(await presign(key, readSeconds))
  const connection = new Connection(url, direct.ca)
  const timer = setTimeout(() => connection.destroy(new CallTimeout()), answerWithin)
  try {
    connection.send(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nRange: bytes=${start}-${end}\r\n` +
        'Accept-Encoding: identity\r\nConnection: close\r\n\r\n',
    )
    const { length, begun } = await readHead(connection)
    if (length !== undefined) return { length, body: bodyOf(connection, begun, length) }
  } catch (error) {
    // Nobody waits any more. With all else it is as with a refusal: the SDK is told the same, and says it in its own way.
    if (error instanceof CallTimeout) throw error
  } finally {
    clearTimeout(timer)
  }
  connection.destroy()
  return undefined
}

/** The length that the answer gives, undefined of any other than a plain range, and what came of the body with its head. */
async function readHead(connection: Connection): Promise<{ length: number | undefined; begun: Buffer }> {
  let seen = Buffer.alloc(0)
  for (;;) {
    seen = Buffer.concat([seen, await connection.take()])
    const at = seen.indexOf('\r\n\r\n')
    if (at === -1 && seen.length < mostHead) continue
    const head = seen.toString('latin1', 0, Math.max(at, 0))
    const plain = /^HTTP\/1\.1 206 /.test(head) && !/^transfer-encoding:/im.test(head)
    const length = plain ? /^content-length:[ \t]*(\d+)[ \t]*\r?$/im.exec(head)?.[1] : undefined
    return { length: length === undefined ? undefined : Number(length), begun: seen.subarray(at + 4) }
  }
}

function bodyOf(connection: Connection, begun: Buffer, length: number): Answer['body'] {
  return {
    destroy: (error) => connection.destroy(error),
    async *[Symbol.asyncIterator]() {
      if (begun.length > 0) yield begun
      for (let left = length - begun.length; left > 0; ) {
        const chunk = await connection.take()
        left -= chunk.length
        yield chunk
      }
    },
  }
}

/** Bytes of one read. TLS gives what it holds in records of 16 KiB, each a read. */
const readBytes = 64 << 10
/** Bytes that wait, from which on the connection is read no more. What TLS holds by then comes nevertheless: up to 80 KiB. */
const enough = 128 << 10
const room = 256 << 10

/** A connection whose bytes go through two buffers: one is filled while the other is with who takes them. */
class Connection {
  readonly #socket: Socket
  #filling = Buffer.allocUnsafeSlow(room)
  #lent = Buffer.allocUnsafeSlow(room)
  #filled = 0
  #end: Error | undefined
  #wake: (() => void) | undefined

  constructor(url: URL, ca: string[] | undefined) {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const secure = url.protocol === 'https:'
    const to = {
      host,
      port: Number(url.port || (secure ? 443 : 80)),
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (size: number, bytes: Uint8Array) => this.#add(bytes.subarray(0, size)),
      },
    }
    const name = isIP(host) === 0 ? { servername: host } : {}
    this.#socket = secure ? connectTls({ ...to, ...name, ...(ca ? { ca } : {}) }) : connectTcp(to)
    this.#socket.on('error', (error) => this.destroy(error))
    this.#socket.on('close', () => this.destroy())
  }

  send(text: string): void {
    this.#socket.write(text)
  }

  /** The bytes that have come, which hold until the next call. Fails where the connection has ended. */
  async take(): Promise<Buffer> {
    while (this.#filled === 0) {
      if (this.#end) throw this.#end
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const bytes = this.#filling.subarray(0, this.#filled)
    const free = this.#lent
    this.#lent = this.#filling
    this.#filling = free
    this.#filled = 0
    this.#socket.resume()
    return bytes
  }

  destroy(error = new Error('the connection has ended')): void {
    this.#end ??= error
    this.#socket.destroy()
    this.#wake?.()
  }

  /** Whether the connection is to be read on. */
  #add(bytes: Uint8Array): boolean {
    if (bytes.length > room - this.#filled) {
      this.destroy(new Error('the connection gives more than it was read for'))
      return false
    }
    this.#filling.set(bytes, this.#filled)
    this.#filled += bytes.length
    this.#wake?.()
    return this.#filled < enough
  }
}

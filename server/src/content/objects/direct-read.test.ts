import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { readDirectly } from './direct-read.ts'

const size = 5 << 20
const bytes = randomBytes(size)
const head = (length: number, more = '') => `HTTP/1.1 206 Partial Content\r\n${more}Content-Length: ${length}\r\n\r\n`

const opened = new AsyncDisposableStack()
let last: Promise<void> = Promise.resolve()
let asked = ''
afterEach(async () => {
  vi.useRealTimers()
  asked = ''
})
afterEach(() => last)
afterAll(() => opened.disposeAsync())

/** A store that answers each connection as `answer` does. Resolves with its address. */
async function serve(
  answer: (socket: Socket) => Promise<void> | void,
  server: Server = createServer(),
): Promise<string> {
  const secure = 'setSecureContext' in server
  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    socket.on('error', () => undefined)
    last = new Promise((resolve) => socket.on('close', () => resolve()))
    socket.on('data', (data) => {
      asked += data.toString()
      if (asked.endsWith('\r\n\r\n')) void answer(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.defer(() => void server.close())
  const address = server.address()
  return `http${secure ? 's' : ''}://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/a%20b?c=d%2F`
}

const read = (address: string, ca?: string[]) =>
  readDirectly({ presign: async () => address, direct: { ca } }, 'a b', 10, 10 + size - 1)

/** Sends in pieces of random lengths, with pauses. */
async function sendInPieces(socket: Socket, text: string): Promise<void> {
  const whole = Buffer.concat([Buffer.from(text), bytes])
  for (let at = 0; at < whole.length; ) {
    const length = Math.ceil(Math.random() ** 4 * 600_000)
    await new Promise<unknown>((sent) => socket.write(whole.subarray(at, at + length), sent))
    at += length
    if (Math.random() < 0.2) await wait(2)
  }
}

async function expectWhole(address: string, ca?: string[]): Promise<void> {
  const answer = await read(address, ca)
  expect(answer?.length).toBe(size)
  const chunks: Buffer[] = []
  let turn = 0
  for await (const chunk of answer?.body ?? []) {
    // A chunk holds while it is worked on.
    turn += 1
    if (turn % 3 === 0) await wait(5)
    chunks.push(Buffer.from(chunk))
  }
  answer?.body.destroy()
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
}

describe('a large range', () => {
  it('comes whole, to a slow reader from a fast store and the other way', async () => {
    const address = await serve((socket) => sendInPieces(socket, head(size)))
    for (let round = 0; round < 5; round += 1) {
      asked = ''
      await expectWhole(address)
    }
    expect(asked.startsWith(`GET /a%20b?c=d%2F HTTP/1.1\r\nHost: ${new URL(address).host}\r\n`)).toBe(true)
    expect(asked).toContain(`\r\nRange: bytes=10-${10 + size - 1}\r\n`)
  })

  const openssl = spawnSync('openssl', ['version']).status === 0
  it.skipIf(!openssl)('comes whole over TLS, from whom the authorities vouch for (needs openssl)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bw-direct-'))
    opened.defer(() => rmSync(folder, { recursive: true, force: true }))
    const [key, cert] = ['key', 'cert'].map((name) => join(folder, name)) as [string, string]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const names = ['-subj', '/CN=store', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync('openssl', ['req', '-x509', ...curve, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const pem = readFileSync(cert, 'utf8')
    const server = createTlsServer({ key: readFileSync(key), cert: pem })
    const address = await serve((socket) => sendInPieces(socket, head(size)), server)
    for (let round = 0; round < 5; round += 1) {
      asked = ''
      await expectWhole(address, [pem])
    }
    expect(await read(address)).toBeUndefined()
  })

  it('that breaks off gives what came, and fails', async () => {
    const address = await serve(
      (socket) => void socket.end(Buffer.concat([Buffer.from(head(size)), bytes.subarray(0, 1e6)])),
    )
    const answer = await read(address)
    let got = 0
    const all = async () => {
      for await (const { length } of answer?.body ?? []) got += length
    }
    await expect(all()).rejects.toThrow('the connection has ended')
    expect(got).toBe(1e6)
  })

  it('is ended by who reads it, with its reason', async () => {
    const address = await serve((socket) => void socket.write(head(size)))
    const answer = await read(address)
    setTimeout(() => answer?.body.destroy(new Error('enough')), 10)
    const all = async () => {
      for await (const chunk of answer?.body ?? []) expect(chunk.length).toBe(0)
    }
    await expect(all()).rejects.toThrow('enough')
  })
})

describe('the SDK is left to ask', () => {
  it('for a small range', async () => {
    const presign = () => Promise.reject(new Error('asked for an address'))
    expect(await readDirectly({ presign, direct: { ca: undefined } }, 'a b', 0, 1000)).toBeUndefined()
    expect(await readDirectly({ presign, direct: undefined }, 'a b', 0, size)).toBeUndefined()
  })

  it.each([
    ['a refusal', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope'],
    ['the whole object', `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`],
    ['chunks', head(size, 'Transfer-Encoding: chunked\r\n')],
    ['no length', 'HTTP/1.1 206 Partial Content\r\n\r\n'],
    ['a head without end', `HTTP/1.1 206 Partial Content\r\nX: ${'x'.repeat(20_000)}`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('where the answer is %s', async (_, text) => {
    const address = await serve((socket) => void socket.write(text))
    expect(await read(address)).toBeUndefined()
  })

  it('where the connection breaks, or there is none', async () => {
    const address = await serve((socket) => void socket.destroy())
    expect(await read(address)).toBeUndefined()
    expect(await read('http://127.0.0.1:1/')).toBeUndefined()
  })
})

it('nobody is asked again where no answer comes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const silent = Promise.withResolvers<void>()
  const address = await serve(() => silent.resolve())
  const answer = read(address)
  await silent.promise
  vi.advanceTimersByTime(10_000)
  await expect(answer).rejects.toThrow('the store has not answered in time')
})

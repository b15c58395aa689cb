import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getEncrypted } from 'node:https'
import type { Egress } from './egress.ts'
import { connectionFailure, RegistryFailure, strangeAnswer } from './failure.ts'

/** Status and headers of an answer. */
export interface Answer {
  readonly status: number
  readonly ok: boolean
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined
}

export interface Exchange {
  /** Ends the request when nothing has come for `patienceMs`; each read of the body begins that time anew. */
  readonly response: Answer
  /** Gives the connection back without reading further. */
  discard(): void
  /** The body, piece by piece. */
  body(): AsyncGenerator<Uint8Array>
  /** The body as a whole, at most `maxBytes`. */
  bytes(maxBytes: number): Promise<Buffer>
}

export interface Ask {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** What is asked for, for messages. */
  readonly what: string
  readonly patienceMs: number
  readonly signal: AbortSignal | undefined
  readonly egress: Egress
}

const mostRedirects = 5
const mostReadAway = 64 * 1024

/** Sends a GET. Redirects are followed, but the Authorization header stays with the origin that it was meant for. */
export async function exchange(ask: Ask): Promise<Exchange> {
  let { url } = ask
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const headers = url.origin === ask.url.origin ? ask.headers : withoutCredentials(ask.headers)
    const one = await send({ ...ask, url, headers })
    const location = one.response.header('location')
    if (![301, 302, 303, 307, 308].includes(one.response.status) || !location) return one
    one.discard()
    if (!URL.canParse(location, url)) throw strangeAnswer(ask.url.host, ask.what, 'a redirect to no URL')
    const next = new URL(location, url)
    if (next.protocol !== 'https:' && next.protocol !== url.protocol) {
      throw strangeAnswer(ask.url.host, ask.what, `a redirect to ${next.protocol}//${next.host}, without encryption`)
    }
    url = next
  }
  throw strangeAnswer(ask.url.host, ask.what, `more than ${mostRedirects} redirects`)
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
}

async function send({ url, headers, what, patienceMs, signal, egress }: Ask): Promise<Exchange> {
  const silence = new AbortController()
  const slow = new RegistryFailure(
    'slow',
    url.host,
    `${url.host} sent nothing of ${what} for ${patienceMs / 1000} seconds. Try again later.`,
  )
  const timer = setTimeout(() => silence.abort(slow), patienceMs)
  const ended = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal
  const failed = (error: unknown) => {
    clearTimeout(timer)
    // Whoever asked for an end gets his own reason back.
    if (signal?.aborted) return signal.reason
    return silence.signal.aborted ? slow : connectionFailure(url.host, error)
  }
  const response = await begin(url, headers, egress, ended).catch((error: unknown) => {
    throw failed(error)
  })
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of response as AsyncIterable<Buffer>) {
        timer.refresh()
        yield piece
        // The reader may have taken its time; that is not the registry's silence.
        timer.refresh()
      }
    } catch (error) {
      throw failed(error)
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    response: answerOf(response),
    body,
    discard() {
      clearTimeout(timer)
      response.on('error', () => undefined).resume()
      // A short rest is read away, so that the connection serves again.
      if (Number(response.headers['content-length'] ?? Number.POSITIVE_INFINITY) > mostReadAway) response.destroy()
    },
    async bytes(maxBytes) {
      const pieces: Uint8Array[] = []
      let length = 0
      for await (const piece of body()) {
        length += piece.length
        if (length > maxBytes) {
          throw new RegistryFailure('too-large', url.host, `${url.host} sent more than ${maxBytes} bytes for ${what}.`)
        }
        pieces.push(piece)
      }
      return Buffer.concat(pieces)
    },
  }
}

function begin(
  url: URL,
  headers: Readonly<Record<string, string>>,
  egress: Egress,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    egress.checkUrl(url)
    const encrypted = url.protocol === 'https:'
    const options = { headers, signal, agent: encrypted ? egress.https : egress.http }
    const request = (encrypted ? getEncrypted : getPlain)(url, options, resolve)
    request.on('error', reject)
  })
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): Answer {
  return {
    status: statusCode,
    ok: statusCode >= 200 && statusCode < 300,
    header(name) {
      const value = headers[name]
      return Array.isArray(value) ? value[0] : value
    },
  }
}

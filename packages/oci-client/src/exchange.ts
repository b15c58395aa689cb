import { connectionFailure, RegistryFailure, strangeAnswer } from './failure.ts'

export interface Exchange {
  /** Ends the request when nothing has come for `patienceMs`; each read of the body begins that time anew. */
  readonly response: Response
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
}

const mostRedirects = 5

/** Sends a GET. Redirects are followed, but the Authorization header stays with the origin that it was meant for. */
export async function exchange(ask: Ask): Promise<Exchange> {
  let { url } = ask
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const headers = url.origin === ask.url.origin ? ask.headers : withoutCredentials(ask.headers)
    const one = await send({ ...ask, url, headers })
    const location = one.response.headers.get('location')
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

async function send({ url, headers, what, patienceMs, signal }: Ask): Promise<Exchange> {
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
  const response = await fetch(url, { headers, redirect: 'manual', signal: ended }).catch((error: unknown) => {
    throw failed(error)
  })
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of response.body ?? []) {
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
    response,
    body,
    discard() {
      clearTimeout(timer)
      response.body?.cancel().catch(() => undefined)
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

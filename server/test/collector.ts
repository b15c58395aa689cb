import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A span as a collector was told of it, its attributes by name. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 2 serves, 3 asks, 5 takes a job. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, string | number>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
}

type Value = { readonly stringValue?: string; readonly intValue?: number | string }
type Sent = Omit<ReceivedSpan, 'attributes' | 'links'> & {
  readonly attributes: readonly { readonly key: string; readonly value: Value }[]
  readonly links?: ReceivedSpan['links']
}
interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[] }[]
}

/** Takes traces by OTLP over HTTP, in JSON. */
export async function startCollector(): Promise<
  {
    readonly endpoint: string
    readonly spans: readonly ReceivedSpan[]
    readonly raw: readonly string[]
  } & AsyncDisposable
> {
  const spans: ReceivedSpan[] = []
  const raw: string[] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      raw.push(JSON.stringify(body))
      if (request.url === '/v1/traces') spans.push(...read(body as Export))
      response.setHeader('Content-Type', 'application/json').end('{}')
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    raw,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function read({ resourceSpans }: Export): ReceivedSpan[] {
  const sent = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  return sent.map(({ attributes, links = [], ...span }) => ({
    ...span,
    links,
    attributes: Object.fromEntries(
      attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)] as const),
    ),
  }))
}

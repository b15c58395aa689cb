import { setTimeout as sleep } from 'node:timers/promises'
import { defaultTextMapGetter, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { ExportResultCode, parseTraceParent, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { activeSpan } from './active-span.ts'
import type { Logger } from './logger.ts'
import type { RequestSpan, TracedRequest, Tracing } from './tracing.ts'

export interface TracingOptions {
  /** Of the collector, without `/v1/traces`. */
  readonly endpoint: string
  /** Of the traces that begin here; one that a caller began is kept where the caller keeps it. */
  readonly ratio: number
  readonly version: string
  readonly log: Logger
}

/** Spans that wait to be sent; more are dropped. A collector that is away costs this much memory and nothing else. */
const queue = { maxQueueSize: 4_096, maxExportBatchSize: 512, scheduledDelayMillis: 2_000, exportTimeoutMillis: 5_000 }
/** Milliseconds that a stopping process gives the last spans. */
const patience = 2_000
/** Methods that a client may invent are one, as the conventions have it. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const kinds = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL }

export function startTracing({ endpoint, ratio, version, log }: TracingOptions): Tracing {
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`
  const collector = sayOnce(log)
  const exporter = reporting(new OTLPTraceExporter({ url, timeoutMillis: queue.exportTimeoutMillis }), collector)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'breakwater', 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ ...queue, exporter })],
    spanLimits: { attributeValueLengthLimit: 1_024 },
  })
  const tracer = provider.getTracer('breakwater', version)
  const propagator = new W3CTraceContextPropagator()

  return {
    request({ method: given, scheme, path, headers }): RequestSpan {
      const method = methods.includes(given) ? given : '_OTHER'
      const parent = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
      const attributes = { 'http.request.method': method, 'url.scheme': scheme, 'url.path': path }
      const named = method === '_OTHER' ? 'HTTP' : method
      return requestSpan(tracer.startSpan(named, { kind: SpanKind.SERVER, attributes }, parent), named)
    },
    child(name, kind, attributes, work) {
      const parent = activeSpan.getStore()
      // A timer that a request began may go off after its end: what it does is no part of it.
      if (!parent?.isRecording()) return work()
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, trace.setSpan(ROOT_CONTEXT, parent))
      return within(span, work)
    },
    job({ queue: name, attempt, cause }, work) {
      const context = cause === undefined ? null : parseTraceParent(cause)
      const attributes = { 'messaging.destination.name': name, 'breakwater.job.attempt': attempt }
      const links = context ? [{ context }] : []
      return within(tracer.startSpan(`job ${name}`, { kind: SpanKind.CONSUMER, attributes, links, root: true }), work)
    },
    traceparent() {
      const span = activeSpan.getStore()
      if (!span?.isRecording()) return undefined
      const { traceId, spanId } = span.spanContext()
      return `00-${traceId}-${spanId}-01`
    },
    async [Symbol.asyncDispose]() {
      const sent = provider.shutdown().then(() => true)
      if (!(await Promise.race([sent, sleep(patience, false, { ref: false })]))) collector.lost('it does not answer')
    },
  }
}

function requestSpan(span: Span, method: TracedRequest['method']): RequestSpan {
  return {
    run: (work) => activeSpan.run(span, work),
    end({ route, status, error }) {
      if (route !== undefined) {
        span.updateName(`${method} ${route}`)
        span.setAttribute('http.route', route)
      }
      span.setAttribute('http.response.status_code', status)
      if (error !== '') span.setAttribute('error.type', error)
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

/** Ends the span with what comes of `work`. Of an error it tells the class and code: its text may hold values. */
async function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await activeSpan.run(span, work)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    span.setAttribute('error.type', String(code ?? (error instanceof Error ? error.name : 'unknown')))
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}

/** Warns of a collector that takes no spans once, until it has taken some again. */
function sayOnce(log: Logger) {
  let away = false
  return {
    taken() {
      away = false
    },
    lost(why: string) {
      if (!away) log.warn(`traces are lost, the collector does not take them: ${why}`)
      away = true
    },
  }
}

function reporting(exporter: SpanExporter, collector: ReturnType<typeof sayOnce>): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) collector.taken()
        else collector.lost(error?.message ?? 'it does not answer')
        // The library would write of it too, each time.
        done({ code: ExportResultCode.SUCCESS })
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}

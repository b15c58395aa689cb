import { AsyncLocalStorage } from 'node:async_hooks'
import type { Span } from '@opentelemetry/api'

/** The span that what runs now belongs to. Nothing is in it while nothing is traced. */
export const activeSpan = new AsyncLocalStorage<Span>()

/** What a line of the log says of the span it was written in. */
export function spanFields(): object {
  const found = activeSpan.getStore()?.spanContext()
  return found ? { trace_id: found.traceId, span_id: found.spanId } : {}
}

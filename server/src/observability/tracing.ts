import type { IncomingHttpHeaders } from 'node:http'
import type { Attributes } from '@opentelemetry/api'

/** Spans of what this process does, sent to a collector by OTLP. */
export interface Tracing extends AsyncDisposable {
  /** Begins the span of a request; goes on with the trace that its headers name. */
  request(asked: TracedRequest): RequestSpan
  /** Runs `work` as a part of what is active; where nothing is, or it is not sampled, just runs it. */
  child<T>(name: string, kind: 'client' | 'internal', attributes: Attributes, work: () => Promise<T>): Promise<T>
  /** Runs an attempt at a job as a trace of its own, linked with the span that `cause`, a traceparent, names. */
  job<T>(attempt: TracedJob, work: () => Promise<T>): Promise<T>
  /** The active span as W3C Trace Context writes it; undefined where there is none or it is not sampled. */
  traceparent(): string | undefined
}

export interface TracedRequest {
  readonly method: string
  readonly scheme: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface TracedJob {
  readonly queue: string
  /** From 1. */
  readonly attempt: number
  readonly cause: string | undefined
}

export interface RequestSpan {
  /** Runs `work` with this span as the active one. */
  run(work: () => void): void
  /** `error` is the code of a refusal, or ''. */
  end(answer: { readonly route: string | undefined; readonly status: number; readonly error: string }): void
}

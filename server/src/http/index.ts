/**
 * http: the server: limits, TLS, request ids, and the one place that turns an error into a reply.
 * Owns tables: none.   Enter by: createHttpServer, registerHealth, listenForMetrics.
 * Uses: config, observability, metadata, content.   Never: knows an endpoint but /healthz, /readyz, /metrics.
 */

export { failureReply, logFailure } from './failure.ts'
export { registerHealth } from './health-routes.ts'
export { listenForMetrics } from './metrics-listener.ts'
export { origin } from './origin.ts'
export { createReadiness, type Readiness } from './readiness.ts'
export type { Reply } from './reply.ts'
export { errorReply } from './reply-error.ts'
export { send } from './send.ts'
export { createHttpServer, type HttpServer } from './server.ts'

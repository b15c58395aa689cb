/**
 * observability: logs, metrics and traces.
 * Owns tables: none.   Enter by: createLogger, createMetrics, createGathering, openTracing, withoutValues.
 * Uses: config.   Never: writes a secret, lets a client choose how many series there are.
 */
export { createGathering } from './gather.ts'
export { createLogger, type Logger } from './logger.ts'
export { createMetrics, type Metrics, renderMetricsReference } from './metrics.ts'
export { openTracing } from './open-tracing.ts'
export type { RequestSpan, Tracing } from './tracing.ts'
export { withoutValues } from './url.ts'

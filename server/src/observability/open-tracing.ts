import type { Config } from '../config/index.ts'
import type { Logger } from './logger.ts'
import type { Tracing } from './tracing.ts'

/** Undefined where no endpoint is configured; nothing of the library is loaded then. */
export async function openTracing(config: Config, version: string, log: Logger): Promise<Tracing | undefined> {
  const { endpoint, samplePercent } = config.traces
  if (endpoint === undefined) return undefined
  const { startTracing } = await import('./otlp.ts')
  return startTracing({ endpoint, ratio: samplePercent / 100, version, log })
}

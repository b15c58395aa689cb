import Fastify from 'fastify'
import type { ListenAddress } from '../config/index.ts'
import { registerHealth } from './health-routes.ts'
import type { Readiness } from './readiness.ts'
import { send } from './send.ts'

export interface MetricsPages {
  readonly metrics: () => Promise<string>
  readonly readiness: () => Promise<Readiness>
}

/**
 * Serves `/metrics` and the health pages, and nothing else, on an address of its own: whoever reaches it may read names
 * of projects, so it is no part of what clients reach.
 */
export async function listenForMetrics(
  { host, port }: ListenAddress,
  { metrics, readiness }: MetricsPages,
): Promise<{ readonly address: string } & AsyncDisposable> {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.server.maxConnections = 100
  app.decorateRequest('refusal', '')
  registerHealth(app, readiness)
  app.get('/metrics', async (_request, reply) =>
    send(reply, {
      status: 200,
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: await metrics(),
    }),
  )
  const address = await app.listen({ host, port })
  return { address, [Symbol.asyncDispose]: () => app.close() }
}

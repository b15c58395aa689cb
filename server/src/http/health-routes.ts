import type { FastifyInstance } from 'fastify'
import type { Readiness } from './readiness.ts'
import { send } from './send.ts'

/** `/healthz`: this process answers, whatever is wrong elsewhere. `/readyz`: it can do its work now; else 503 and why. */
export function registerHealth(app: FastifyInstance, readiness: () => Promise<Readiness>): void {
  app.get('/healthz', (_request, reply) => send(reply, { status: 200, headers, body: '{"status":"ok"}\n' }))
  app.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await readiness()
    const body = `${JSON.stringify({ status: ready ? 'ready' : 'unready', checks })}\n`
    return send(reply, { status: ready ? 200 : 503, headers, body })
  })
}

const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' }

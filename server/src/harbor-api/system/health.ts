import type { ComponentHealthStatus } from '@breakwater/harbor-contract'
import { type HandlersOf, json } from '../operation.ts'

/** What `/readyz` looks at, under Harbor's names: `registry` is the blob store. */
export const healthHandlers: HandlersOf<'getHealth'> = {
  async getHealth({ readiness }) {
    const { ready, checks } = await readiness()
    const { server, database, store } = checks
    const components = [component('core', server), component('database', database), component('registry', store)]
    return json({ status: ready ? 'healthy' : 'unhealthy', components })
  },
}

function component(name: string, outcome: string): ComponentHealthStatus {
  return outcome === 'ok' ? { name, status: 'healthy' } : { name, status: 'unhealthy', error: `${name} ${outcome}` }
}

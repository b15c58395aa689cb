import type { ComponentHealthStatus } from '@breakwater/harbor-contract'
import { type HandlersOf, json } from '../operation.ts'

/** Milliseconds after which something that does not answer is not healthy. */
const patience = 5_000

/** Harbor's names for what there is here: `registry` is the blob store. */
export const healthHandlers: HandlersOf<'getHealth'> = {
  async getHealth({ pool, store }) {
    const components = await Promise.all([
      component('core', async () => undefined),
      component('database', () => pool.query('select 1')),
      component('registry', () => store.space()),
    ])
    const healthy = components.every(({ status }) => status === 'healthy')
    return json({ status: healthy ? 'healthy' : 'unhealthy', components })
  },
}

/** Anybody may ask, so what is wrong is only said in general. */
async function component(name: string, check: () => Promise<unknown>): Promise<ComponentHealthStatus> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), patience)
  })
  try {
    await Promise.race([check(), late])
    return { name, status: 'healthy' }
  } catch {
    return { name, status: 'unhealthy', error: `${name} does not answer, or not well` }
  } finally {
    clearTimeout(timer)
  }
}

import { expect, it } from 'vitest'
import type { Readiness } from '../../http/index.ts'
import type { ApiDeps, Input } from '../operation.ts'
import { healthHandlers } from './health.ts'

async function health(checks: Readiness['checks']): Promise<unknown> {
  const ready = Object.values(checks).every((outcome) => outcome === 'ok')
  const deps = { readiness: async () => ({ ready, checks }) } as unknown as ApiDeps
  const { status, body } = await healthHandlers.getHealth(deps, {} as Input<never>)
  expect(status).toBe(200)
  return JSON.parse(String(body))
}

const well = (name: string) => ({ name, status: 'healthy' })

it('tells what the check of the components says, under the names of Harbor', async () => {
  expect(await health({ server: 'ok', database: 'ok', store: 'ok' })).toEqual({
    status: 'healthy',
    components: [well('core'), well('database'), well('registry')],
  })
  expect(await health({ server: 'ok', database: 'does not answer', store: 'ok' })).toEqual({
    status: 'unhealthy',
    components: [
      well('core'),
      { name: 'database', status: 'unhealthy', error: 'database does not answer' },
      well('registry'),
    ],
  })
})

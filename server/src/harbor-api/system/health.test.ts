import { expect, it, onTestFinished, vi } from 'vitest'
import type { ApiDeps, Input } from '../operation.ts'
import { healthHandlers } from './health.ts'

async function health(query: () => Promise<unknown>, space = async () => ({ total: 1, free: 1 })): Promise<unknown> {
  const deps = { pool: { query }, store: { space } } as unknown as ApiDeps
  const { status, body } = await healthHandlers.getHealth(deps, {} as Input<never>)
  expect(status).toBe(200)
  return JSON.parse(String(body))
}

const sick = (name: string) => ({ name, status: 'unhealthy', error: `${name} does not answer, or not well` })
const well = (name: string) => ({ name, status: 'healthy' })

it('names a database that fails, and nothing that its error says', async () => {
  expect(await health(() => Promise.reject(new Error('secret host')))).toEqual({
    status: 'unhealthy',
    components: [well('core'), sick('database'), well('registry')],
  })
})

it('does not wait for ever', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const answer = health(() => new Promise(() => undefined))
  await vi.runAllTimersAsync()
  expect(await answer).toMatchObject({ components: [well('core'), sick('database'), well('registry')] })
})

import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from '../client.ts'
import { admin, startRegistry, type TestRegistry } from '../registry.ts'
import { type Model, type Real, repository, start, steps } from './model.ts'
import { storedUploads } from './store-folder.ts'

let registry: TestRegistry
let twin: Awaited<ReturnType<TestRegistry['twin']>>

beforeAll(async () => {
  registry = await startRegistry()
  twin = await registry.twin()
})
afterAll(async () => {
  await twin[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

it('holds for any sequence of requests, through two servers in turn', { timeout: 60_000 }, async () => {
  const setup = (): { model: Model; real: Real } => ({
    model: { received: undefined },
    real: { location: '', origins: [registry.origin, twin.origin], turn: 0, acknowledged: new Map() },
  })
  const property = fc.asyncProperty(steps, async (commands) => {
    const { model, real } = setup()
    await fc.asyncModelRun(() => ({ model, real }), [start, ...commands])
    for (const [digest, bytes] of real.acknowledged) {
      for (const origin of real.origins) {
        const answer = await ask(origin, 'GET', `/v2/${repository}/blobs/${digest}`, { auth: admin })
        expect(answer.status).toBe(200)
        expect(answer.bytes.equals(bytes)).toBe(true)
      }
    }
  })
  await fc.assert(property, { numRuns: 40, endOnFailure: true, interruptAfterTimeLimit: 40_000 })
  expect(await storedUploads(registry)).toEqual([])
})

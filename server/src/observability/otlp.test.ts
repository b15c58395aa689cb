import { pino } from 'pino'
import { expect, it } from 'vitest'
import { startTracing } from './otlp.ts'

const asked = { method: 'GET', scheme: 'http', path: '/', headers: {} }
const answered = { route: '/', status: 200, error: '' }

function logged() {
  const lines: string[] = []
  return { lines, log: pino({}, { write: (line: string) => void lines.push(line) }) }
}

it('warns once of a collector that nobody answers for, and goes on', async () => {
  const { lines, log } = logged()
  {
    await using tracing = startTracing({ endpoint: 'http://127.0.0.1:1', ratio: 1, version: '1', log })
    for (let turn = 0; turn < 10_000; turn += 1) tracing.request(asked).end(answered)
  }
  expect(lines.map((line) => JSON.parse(line).level)).toEqual([40])
}, 20_000)

it('names no trace to others that is not sampled', async () => {
  const { log } = logged()
  const dropped = startTracing({ endpoint: 'http://127.0.0.1:1', ratio: 0, version: '1', log })
  await using _closed = dropped
  const span = dropped.request(asked)
  let seen: string | undefined = 'none'
  span.run(() => {
    void dropped.child('part', 'internal', {}, async () => {
      seen = dropped.traceparent()
    })
  })
  expect(seen).toBeUndefined()
})

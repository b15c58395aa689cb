import { expect, it, vi } from 'vitest'
import { type ReceivedSpan, startCollector } from '../collector.ts'
import { pushImage } from '../content.ts'
import { startRegistry } from '../registry.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerSpan = 'b7ad6b7169203331'

it('tells a collector of a push, of the job that it queues, and of a pull that goes on with its caller', async () => {
  await using collector = await startCollector()
  const registry = await startRegistry({ BREAKWATER_TRACES_ENDPOINT: collector.endpoint })
  const named = (name: string) => collector.spans.filter((span) => span.name === name)
  const partsOf = ({ spanId }: ReceivedSpan) => collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId)
  try {
    await pushImage(registry, 'library/app', '1')
    const headers = { traceparent: `00-${traceId}-${callerSpan}-01` }
    const answer = await registry.ask('GET', '/v2/library/app/manifests/1?token=s3cret', { headers })
    expect(answer.status).toBe(200)
    await vi.waitFor(() => expect(named('job scan').length).toBeGreaterThan(0), 20_000)
  } finally {
    // What was not sent yet is sent now.
    await registry[Symbol.asyncDispose]()
  }

  const [push] = named('PUT /v2/{name}/manifests/{reference}')
  if (!push) throw new Error('no span of the push')
  expect(push).toMatchObject({
    kind: 2,
    attributes: {
      'http.request.method': 'PUT',
      'url.scheme': 'http',
      'url.path': '/v2/library/app/manifests/1',
      'http.route': '/v2/{name}/manifests/{reference}',
      'http.response.status_code': 201,
    },
  })
  expect(push.parentSpanId).toBeUndefined()
  const parts = partsOf(push).map(({ name, kind, attributes }) => ({ name, kind, attributes }))
  expect(parts).toContainEqual({ name: 'store put', kind: 3, attributes: { 'breakwater.store.kind': 'filesystem' } })
  const commit = { 'db.system.name': 'postgresql', 'db.operation.name': 'COMMIT' }
  expect(parts).toContainEqual({ name: 'COMMIT', kind: 3, attributes: commit })

  const [job] = named('job scan')
  expect(job).toMatchObject({
    kind: 5,
    attributes: { 'messaging.destination.name': 'scan', 'breakwater.job.attempt': 1 },
  })
  expect(job?.traceId).not.toBe(push.traceId)
  expect(job?.links.map((link) => link.traceId)).toEqual([push.traceId])

  const [pull] = named('GET /v2/{name}/manifests/{reference}')
  expect(pull).toMatchObject({ traceId, parentSpanId: callerSpan })
  expect(pull && partsOf(pull).map(({ name }) => name)).toContain('pull-manifest')

  expect(collector.raw.join('')).not.toMatch(/s3cret|Adm1n/)
}, 60_000)

it('names the trace in the lines of the log', async () => {
  await using collector = await startCollector()
  const lines: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0)
  try {
    await using registry = await startRegistry({
      BREAKWATER_TRACES_ENDPOINT: collector.endpoint,
      BREAKWATER_LOG_LEVEL: 'info',
    })
    await registry.ask('GET', '/v2/', { headers: { traceparent: `00-${traceId}-${callerSpan}-01` } })
    await vi.waitFor(
      () => expect(lines.join('')).toMatch(new RegExp(`request trace_id=${traceId} .* route=v2.base`)),
      10_000,
    )
  } finally {
    spy.mockRestore()
  }
}, 60_000)

it('finds the collector where OpenTelemetry names it for all programs', async () => {
  await using collector = await startCollector()
  {
    await using registry = await startRegistry({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
    await registry.ask('GET', '/v2/')
  }
  expect(collector.spans.map(({ name }) => name)).toContain('GET /v2/')
}, 60_000)

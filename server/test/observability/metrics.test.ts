import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import { ask, basic } from '../client.ts'
import { pushImage } from '../content.ts'
import { startRegistry } from '../registry.ts'
import { startMeasured } from './measured.ts'

/** Names of the samples of a page. */
function samples(page: string): Set<string> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Set(lines.map((line) => /^\w+/.exec(line)?.[0] ?? ''))
}

const ofDashboard = () => {
  const file = new URL('../../../examples/grafana/breakwater.json', import.meta.url)
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: { targets: { expr: string }[] }[] }
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  return new Set(queries.flatMap((query) => query.match(/\b(?:harbor|breakwater|process|registry)_\w+/g) ?? []))
}

it('serves every metric that the dashboard asks for, once there is something to tell', async () => {
  await using measured = await startMeasured()
  const { registry, page } = measured
  await registry.query(`insert into vulndb_generation (digest, source, built_at, state)
    values ('sha256:0', 'file:/x', now() - interval '1 hour', 'current')`)
  await registry.ask('GET', '/v2/library/absent/manifests/latest')
  await registry.ask('POST', '/api/v2.0/system/scanAll/schedule', {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ schedule: { type: 'Manual' } }),
  })
  await pushImage(registry, 'library/app', '1')
  await registry.ask('GET', '/v2/library/app/manifests/1')
  const asked = ofDashboard()
  expect(asked.size).toBeGreaterThan(15)
  await vi.waitFor(async () => {
    const served = samples(await page())
    expect([...asked].filter((name) => !served.has(name))).toEqual([])
  }, 30_000)
}, 60_000)

it('counts requests by operation, code and refusal, and no name that a client chose', async () => {
  await using measured = await startMeasured()
  const { registry, page } = measured
  for (let turn = 0; turn < 3; turn += 1) await registry.ask('GET', `/v2/library/absent-${turn}/manifests/latest`)
  await registry.ask('GET', '/api/v2.0/projects')
  await registry.ask('GET', '/nowhere/at/all')
  const text = await page()
  expect(text).toContain('harbor_core_http_request_total{method="GET",code="404",operation="v2.manifest"} 3\n')
  expect(text).toContain('harbor_core_http_request_total{method="GET",code="200",operation="listProjects"} 1\n')
  expect(text).toContain('harbor_core_http_request_total{method="GET",code="404",operation="unknown"} 1\n')
  expect(text).toMatch(/breakwater_refusals_total\{code="\w+_UNKNOWN",operation="v2.manifest"\} 3\n/)
  expect(text).toContain('breakwater_http_request_duration_seconds_bucket{operation="v2.manifest",le="+Inf"} 3\n')
  expect(text).toContain('harbor_core_http_inflight_requests 0\n')
  expect(text).toContain('harbor_project_total{public="true"} 1\n')
  expect(text).toContain('harbor_up{component="database"} 1\n')
  expect(text).not.toContain('absent-')
  expect(text).not.toContain('nowhere')
}, 60_000)

it('serves metrics on their own address only, and nothing else there but health', async () => {
  await using measured = await startMeasured()
  const { registry, origin } = measured
  expect((await ask(registry.origin, 'GET', '/metrics')).status).toBe(404)
  expect((await ask(origin, 'GET', '/readyz')).status).toBe(200)
  expect((await ask(origin, 'GET', '/v2/')).status).toBe(404)
  expect((await ask(origin, 'GET', '/metrics')).headers['content-type']).toBe(
    'text/plain; version=0.0.4; charset=utf-8',
  )
}, 60_000)

it('writes a line for each request, without what was secret in it', async () => {
  await using registry = await startRegistry({ BREAKWATER_LOG_LEVEL: 'info', BREAKWATER_LOG_FORMAT: 'text' })
  const lines: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0)
  try {
    const headers = { 'X-Request-Id': 'from-a-proxy' }
    const answer = await registry.ask('GET', '/v2/library/hidden/manifests/latest?token=s3cret', { headers })
    expect(answer.headers['x-request-id']).toBe('from-a-proxy')
    await registry.ask('GET', '/v2/?password=s3cret', { auth: basic('admin', 's3cret') })
    await vi.waitFor(() => expect(lines.filter((line) => line.includes(' request ')).length).toBe(2), 10_000)
  } finally {
    spy.mockRestore()
  }
  const [first = '', second = ''] = lines.filter((line) => line.includes(' request '))
  for (const part of [
    'requestId=from-a-proxy',
    'method=GET',
    'route=v2.manifest',
    'status=',
    'ms=',
    'received=',
    'sent=',
    'actor=user:admin',
  ]) {
    expect(first).toContain(part)
  }
  expect(first).not.toContain('received=0')
  expect(second).toContain('status=401')
  expect(second).toContain('code=UNAUTHORIZED')
  expect(lines.join('')).not.toMatch(/s3cret|hidden|Adm1n/)
}, 60_000)

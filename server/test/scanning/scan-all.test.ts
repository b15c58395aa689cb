import { beforeAll, expect, it } from 'vitest'
import { pushImage } from '../content.ts'
import { bodyOf, caller, refusalOf } from '../harbor-api/call.ts'
import { sharedRegistry } from '../registry.ts'
import { databaseOf, importDatabase } from './database.ts'
import { debian, node, pushLayers } from './image.ts'
import { scanOf } from './scan.ts'

const registry = sharedRegistry()
const call = caller(registry)
const schedule = (method: 'POST' | 'PUT', type: string, cron?: string) =>
  call(method, '/system/scanAll/schedule', { json: { schedule: { type, ...(cron === undefined ? {} : { cron }) } } })

interface Metrics {
  readonly total: number
  readonly completed: number
  readonly ongoing: boolean
  readonly metrics: Readonly<Record<string, number>>
  readonly trigger?: string
}
const metrics = async () => bodyOf<Metrics>(await call('GET', '/scans/all/metrics'))

beforeAll(async () => {
  await importDatabase(registry(), databaseOf([['CVE-2026-1', 4]]))
  await call('POST', '/projects', { json: { project_name: 'quiet', metadata: { auto_scan: 'false' } } })
})

it('everything is scanned, also what nobody asked for', async () => {
  expect(await metrics()).toEqual({ total: 0, completed: 0, metrics: {}, ongoing: false })
  const known = await pushLayers(registry(), 'library/app', 'v1', [debian])
  await scanOf(registry(), known)
  const quiet = await pushLayers(registry(), 'quiet/app', 'v1', [node])
  const broken = await pushImage(registry(), 'quiet/app', 'broken')
  const begun = await schedule('POST', 'Manual')
  expect([begun.status, begun.headers.location]).toEqual([201, '/api/v2.0/system/scanAll/schedule'])
  await expect.poll(metrics, { timeout: 10_000 }).toEqual({
    total: 3,
    completed: 3,
    ongoing: false,
    metrics: { Success: 2, Error: 1 },
    trigger: 'Manual',
  })
  expect((await scanOf(registry(), quiet)).state).toBe('success')
  expect((await scanOf(registry(), broken.digest)).state).toBe('error')
  const after = await call('GET', '/projects/quiet/repositories/app/artifacts/v1?with_scan_overview=true')
  expect(after.text).toContain('"scan_status":"Success"')
})

it('one that goes on can be stopped, and no second one begun', async () => {
  const stop = () => call('POST', '/system/scanAll/stop')
  expect(refusalOf(await stop())).toEqual([400, 'BAD_REQUEST', 'no scan all job is found currently'])
  // As if its worker had died before it began.
  await registry().query(`insert into scan_all (trigger) values ('Manual')`)
  expect((await schedule('POST', 'Manual')).status).toBe(409)
  expect((await stop()).status).toBe(202)
  expect((await metrics()).ongoing).toBe(false)
})

it('a schedule is set, changed and taken back', async () => {
  const path = '/system/scanAll/schedule'
  const jobs = () => registry().query(`select cron from pgboss.schedule where name = 'scan-all'`)
  expect(bodyOf(await call('GET', path))).toEqual({})
  expect((await schedule('POST', 'Custom', '0 30 2 * * 1-5')).status).toBe(201)
  expect(bodyOf(await call('GET', path))).toMatchObject({ schedule: { type: 'Custom', cron: '0 30 2 * * 1-5' } })
  expect(await jobs()).toEqual([{ cron: '30 2 * * 1-5' }])
  expect((await schedule('POST', 'Daily', '0 0 0 * * *')).status).toBe(412)
  expect((await schedule('PUT', 'Manual')).status).toBe(400)
  expect((await schedule('PUT', 'Daily')).status).toBe(200)
  expect(await jobs()).toEqual([{ cron: '0 0 * * *' }])
  for (const cron of ['0 0 0 * *', '1 0 0 * * *', '0 61 0 * * *', '0 0 0 * * x', '']) {
    expect((await schedule('PUT', 'Custom', cron)).status).toBe(400)
  }
  expect((await schedule('PUT', 'None')).status).toBe(200)
  expect(bodyOf(await call('GET', path))).toEqual({})
  expect(await jobs()).toEqual([])
})

it('the scanner is there, everywhere', async () => {
  const [scanner] = bodyOf<{ uuid: string }[]>(await call('GET', '/scanners'))
  expect(scanner).toMatchObject({ name: 'Breakwater', is_default: true, disabled: false, health: 'healthy' })
  expect(bodyOf(await call('GET', `/scanners/${scanner?.uuid}`))).toEqual(scanner)
  expect(bodyOf(await call('GET', '/projects/quiet/scanner'))).toEqual(scanner)
  expect(bodyOf(await call('GET', '/projects/quiet/scanner/candidates'))).toEqual([scanner])
  expect(bodyOf(await call('GET', `/scanners/${scanner?.uuid}/metadata`))).toMatchObject({
    scanner: { name: 'Breakwater' },
    properties: { 'breakwater/vulnerability-database-digest': expect.stringMatching(/^sha256:/) },
  })
  expect((await call('GET', '/scanners/another')).status).toBe(404)
})

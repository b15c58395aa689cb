import { digestToBytes } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { pushImage } from '../content.ts'
import { bodyOf, caller } from '../harbor-api/call.ts'
import { sharedRegistry } from '../registry.ts'
import { scanOf } from './scan.ts'

const registry = sharedRegistry()
const call = caller(registry)

async function newProject(name: string, metadata: object): Promise<void> {
  const { status } = await call('POST', '/projects', { json: { project_name: name, metadata } })
  expect(status).toBe(201)
}

const rowsOf = async (digest: Parameters<typeof digestToBytes>[0]) =>
  registry().query('select from scan where digest = $1', [digestToBytes(digest)])

it('a push is scanned without anything being set', async () => {
  await newProject('plain', {})
  const image = await pushImage(registry(), 'plain/app', '1')
  expect((await scanOf(registry(), image.digest)).class).toBe('image')
})

it('a project that says so has its pushes left alone, until somebody asks', async () => {
  await newProject('quiet', { auto_scan: 'false' })
  const image = await pushImage(registry(), 'quiet/app', '1')
  expect(await rowsOf(image.digest)).toEqual([])
  expect((await call('POST', '/projects/quiet/repositories/app/artifacts/1/scan')).status).toBe(202)
  expect((await scanOf(registry(), image.digest)).class).toBe('image')
})

it('not where pulls depend on scans', async () => {
  await newProject('careful', { auto_scan: 'false', prevent_vul: 'true', severity: 'high' })
  const image = await pushImage(registry(), 'careful/app', '1')
  expect((await scanOf(registry(), image.digest)).class).toBe('image')
})

it('what is copied to a project that scans is scanned', async () => {
  await newProject('silent', { auto_scan: 'false' })
  const image = await pushImage(registry(), 'silent/app', '1')
  const from = `silent/app@${image.digest}`
  expect((await call('POST', `/projects/plain/repositories/copy/artifacts?from=${from}`)).status).toBe(201)
  expect((await scanOf(registry(), image.digest)).class).toBe('image')
})

it('a second push of the same reads nothing again, unless the first ended with an error', async () => {
  const image = await pushImage(registry(), 'library/again', '1')
  const first = await scanOf(registry(), image.digest)
  // Its layer is no archive.
  expect(first.state).toBe('error')
  const headers = { 'content-type': image.mediaType }
  await registry().ask('PUT', '/v2/library/again/manifests/2', { body: image.bytes, headers })
  expect((await scanOf(registry(), image.digest)).revision).toBeGreaterThan(first.revision)
})

it('a scan can be stopped before it ends, and asked for again', async () => {
  const image = await pushImage(registry(), 'library/stopped', '1')
  await scanOf(registry(), image.digest)
  const path = '/projects/library/repositories/stopped/artifacts/1/scan'
  const none = await call('POST', `${path}/stop`, { json: {} })
  expect([none.status, none.text]).toEqual([
    400,
    expect.stringContaining(`no scan job for artifact digest=${image.digest}`),
  ])

  // As if it waited for a worker that is busy.
  await registry().query(`update scan set state = 'pending' where digest = $1`, [digestToBytes(image.digest)])
  const twice = await call('POST', path)
  expect([twice.status, twice.text]).toEqual([409, expect.stringContaining('a previous scan process is Running')])
  expect((await call('POST', `${path}/stop`, { json: { scan_type: 'vulnerability' } })).status).toBe(202)
  expect((await scanOf(registry(), image.digest)).state).toBe('stopped')
  expect((await call('POST', path)).status).toBe(202)
  expect((await scanOf(registry(), image.digest)).state).toBe('error')
})

it('scans and stops are in the ledger with who asked', async () => {
  const log = bodyOf<{ operation: string; resource: string; username: string }[]>(
    await call('GET', '/auditlog-exts?q=resource_type=scan&page_size=100'),
  )
  expect(log).toContainEqual(expect.objectContaining({ username: 'admin', operation: 'create' }))
  expect(log).toContainEqual(expect.objectContaining({ username: 'admin', operation: 'stop' }))
})

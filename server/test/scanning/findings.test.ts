import { type Digest, digestToBytes, mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it } from 'vitest'
import { documents } from '../../src/scanning/content/fixture.ts'
import { indexManifest, mustPutManifest } from '../content.ts'
import { bodyOf, caller } from '../harbor-api/call.ts'
import { sharedRegistry } from '../registry.ts'
import { databaseOf, importDatabase } from './database.ts'
import { pushDocument } from './document.ts'
import { debian, node, pushLayers } from './image.ts'
import { scanOf } from './scan.ts'

const registry = sharedRegistry()
const call = caller(registry)
const native = 'application/vnd.security.vulnerability.report; version=1.1'
const legacy = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'

interface Overview {
  readonly report_id: string
  readonly scan_status: string
  readonly severity?: string
  readonly summary?: { readonly total: number; readonly fixable: number; readonly summary: Record<string, number> }
}

const path = (reference: string, repository = 'app') =>
  `/projects/library/repositories/${repository}/artifacts/${reference}`

async function overviewOf(reference: string, headers: Record<string, string> = {}): Promise<Record<string, Overview>> {
  const answer = await call('GET', `${path(reference)}?with_scan_overview=true`, { headers })
  return bodyOf<{ scan_overview: Record<string, Overview> }>(answer).scan_overview
}

async function reportOf(reference: string): Promise<Record<string, { vulnerabilities: object[]; severity: string }>> {
  return bodyOf(await call('GET', `${path(reference)}/additions/vulnerabilities`))
}

let image: Digest
beforeAll(async () => {
  await importDatabase(
    registry(),
    databaseOf(
      [
        ['CVE-2026-1', 4],
        ['CVE-2026-2', 1, ''],
      ],
      [['GHSA-1', 3]],
    ),
  )
  image = await pushLayers(registry(), 'library/app', 'v1', [debian, node])
  await scanOf(registry(), image)
})

describe('an image', () => {
  it('ends with its findings counted', async () => {
    const { [native]: overview, ...others } = await overviewOf('v1')
    expect(others).toEqual({})
    expect(overview).toEqual({
      report_id: expect.stringMatching(/^[\da-f-]{36}$/),
      scan_status: 'Success',
      severity: 'Critical',
      summary: { total: 3, fixable: 2, summary: { Critical: 1, High: 1, Low: 1 } },
      start_time: expect.any(String),
      end_time: expect.any(String),
      duration: expect.any(Number),
      complete_percent: 100,
      scanner: { name: 'Breakwater', vendor: 'Breakwater', version: expect.any(String) },
    })
  })

  it('lists have the overview too, in the form that the client reads', async () => {
    const headers = { 'x-accept-vulnerabilities': legacy }
    const list = bodyOf<{ scan_overview?: Record<string, Overview> }[]>(
      await call('GET', '/projects/library/repositories/app/artifacts?with_scan_overview=true', { headers }),
    )
    expect(list.map(({ scan_overview: overview = {} }) => Object.keys(overview))).toEqual([[legacy]])
    const plain = bodyOf<object[]>(await call('GET', '/projects/library/repositories/app/artifacts'))
    expect(plain[0]).not.toHaveProperty('scan_overview')
  })

  it('has a report of them, the worst first, with the database that they are of', async () => {
    const { [native]: report } = await reportOf('v1')
    expect(report).toMatchObject({
      severity: 'Critical',
      scanner: { name: 'Breakwater' },
      generated_at: expect.any(String),
      database: { digest: expect.stringMatching(/^sha256:/), age_seconds: expect.any(Number) },
    })
    expect(report?.vulnerabilities).toEqual([
      {
        id: 'CVE-2026-1',
        package: 'libssl3',
        version: '3.0.1-1',
        fix_version: '3.0.20-1',
        severity: 'Critical',
        status: 'fixed',
        description: 'Description of CVE-2026-1',
        links: ['https://example.com/CVE-2026-1'],
        artifact_digests: [image],
        preferred_cvss: {
          score_v3: 9.8,
          score_v2: null,
          vector_v3: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
          vector_v2: '',
        },
        cwe_ids: ['CWE-79'],
        vendor_attributes: null,
      },
      expect.objectContaining({ id: 'GHSA-1', package: 'lodash', severity: 'High' }),
      expect.objectContaining({ id: 'CVE-2026-2', fix_version: '', severity: 'Low', status: 'affected' }),
    ])
  })

  it('has a log, under the id of its report', async () => {
    const { [native]: overview } = await overviewOf('v1')
    const log = await call('GET', `${path('v1')}/scan/${overview?.report_id}/log`)
    expect(log.text).toMatch(/content: image\noperating system: debian 12\.5\npackages: 3\n/)
    expect((await call('GET', `${path('v1')}/scan/another/log`)).status).toBe(404)
  })

  it('stays known while it is scanned again', async () => {
    const before = await overviewOf('v1')
    expect((await call('POST', `${path('v1')}/scan`)).status).toBe(202)
    const during = (await overviewOf('v1'))[native]
    expect(during?.scan_status).toBe('Success')
    expect(during?.report_id).not.toBe(before[native]?.report_id)
    await expect.poll(() => registry().query('select from scan where requested_at > ended_at')).toEqual([])
    expect((await overviewOf('v1'))[native]?.summary?.total).toBe(3)
  })

  it('that shares a layer with others has it read once', async () => {
    const layers = async () => (await registry().query<{ count: number }>('select count(*)::int from layer'))[0]?.count
    const before = (await layers()) ?? 0
    const other = await pushLayers(registry(), 'library/other', 'v1', [debian, node], { author: 'somebody else' })
    expect((await scanOf(registry(), other)).state).toBe('success')
    expect(await layers()).toBe(before)
    const third = await pushLayers(registry(), 'library/other', 'v2', [debian, [{ path: 'x', content: 'y' }]])
    await scanOf(registry(), third)
    expect(await layers()).toBe(before + 1)
  })
})

it('an index shows what its images have together', async () => {
  const one = await pushLayers(registry(), 'library/app', 'one', [debian])
  const two = await pushLayers(registry(), 'library/app', 'two', [node])
  for (const digest of [one, two]) await scanOf(registry(), digest)
  const manifests = [one, two].map((digest) => ({ digest, mediaType: mediaType.ociManifest, size: 0 }))
  const sizes = await registry().query<{ size: number; digest: string }>(
    `select size::int, 'sha256:' || encode(digest, 'hex') as digest from manifest`,
  )
  const listed = manifests.map((entry) => ({ ...entry, size: sizes.find((row) => row.digest === entry.digest)?.size }))
  await mustPutManifest(
    registry(),
    'library/app',
    'multi',
    indexManifest([], { manifests: listed }),
    mediaType.ociIndex,
  )
  const overview = (await overviewOf('multi'))[native]
  expect(overview).toMatchObject({
    scan_status: 'Success',
    severity: 'Critical',
    summary: { total: 3, fixable: 2, summary: { Critical: 1, High: 1, Low: 1 } },
  })
  expect(Buffer.from(overview?.report_id ?? '', 'base64').toString()).toMatch(/^[\da-f-]{36}\|[\da-f-]{36}$/)
  const { [native]: report } = await reportOf('multi')
  expect(report?.vulnerabilities).toHaveLength(3)
  expect((await call('POST', `${path('multi')}/scan`)).status).toBe(202)
})

it('what does not run has no overview and no report', async () => {
  const [signature] = documents
  if (!signature) throw new Error('there is one')
  const digest = await pushDocument(registry(), 'library/app', 'signature', signature)
  await scanOf(registry(), digest)
  expect(await overviewOf('signature')).toBeUndefined()
  expect(await reportOf('signature')).toEqual({})
  const refused = await call('POST', `${path('signature')}/scan`)
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('does not support scanning artifact')])
})

describe('another database', () => {
  const worse = () =>
    registry().query<{ object: string; detail: object }>(
      `select object, detail from ledger where action = 'artifact.worse' order by id`,
    )

  it('counts what is stored again, reads no layer, and records once what became worse', async () => {
    const [{ count: revision } = { count: 0 }] = await registry().query<{ count: number }>(
      'select revision::int as count from scan where digest = $1',
      [digestToBytes(image)],
    )
    await registry().query('delete from layer_inventory')
    await importDatabase(
      registry(),
      databaseOf(
        [
          ['CVE-2026-1', 4],
          ['CVE-2026-2', 3, ''],
        ],
        [['GHSA-1', 2]],
      ),
    )
    expect((await overviewOf('v1'))[native]).toMatchObject({
      severity: 'Critical',
      summary: { total: 3, fixable: 2, summary: { Critical: 1, High: 1, Medium: 1 } },
    })
    expect(await scanOf(registry(), image)).toMatchObject({ state: 'success', revision })
    const recorded = await worse()
    // Its worst is what it was, but a vulnerability is graver than it was.
    expect(recorded.filter(({ object }) => object === `library/app@${image}`)).toEqual([
      {
        object: `library/app@${image}`,
        detail: expect.objectContaining({ before: 'Critical', after: 'Critical', vulnerabilities: ['CVE-2026-2'] }),
      },
    ])
    // Every image with Debian's layer, and none with lodash alone, whose flaw is less grave now.
    expect(new Set(recorded.map(({ object }) => object)).size).toBe(recorded.length)
    expect(recorded).toHaveLength(4)

    await importDatabase(
      registry(),
      databaseOf(
        [
          ['CVE-2026-1', 4],
          ['CVE-2026-2', 1, ''],
        ],
        [['GHSA-1', 2]],
      ),
    )
    expect(await worse()).toHaveLength(4)
  })
})

import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { databaseFiles, databaseLayer, layerOf } from '@breakwater/vulndb/fixture'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transaction } from '../../src/metadata/index.ts'
import { content, hoursAgo, lodash, openssl, openVulndb, type VulndbFixture } from './fixture.ts'

let fixture: VulndbFixture
beforeAll(async () => {
  fixture = await openVulndb()
})
afterAll(() => fixture[Symbol.asyncDispose]())

const current = () => fixture.vulndb.current(fixture.pool)

async function ask(own = fixture) {
  const ids = await transaction(own.pool, (tx) => own.vulndb.register(tx, [openssl(), undefined, lodash, openssl()]))
  const generation = await own.vulndb.current(own.pool)
  const known = ids.filter((id) => id !== null)
  return { ids, answers: await own.vulndb.answers(generation?.id ?? 0, known) }
}

describe('a first database', () => {
  it('is taken whole, with where it came from and what it holds', async () => {
    expect(await current()).toBeUndefined()
    const built = hoursAgo(3)
    const path = await fixture.file(content(20, built))
    const done = await fixture.import(path)
    expect(done).toMatchObject({ state: 'done', source: `file:${path}`, message: null, stage: null })
    const digest = `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`
    expect(await current()).toMatchObject({
      digest,
      source: `file:${path}`,
      builtAt: built,
      counts: { 'debian 12': 20, 'npm::Test Database': 1 },
    })
    const { rows } = await fixture.pool.query(`select actor, object, detail from ledger where action = 'vulndb.import'`)
    expect(rows).toMatchObject([
      { actor: 'system', object: `vulnerability database file:${path}`, detail: { digest, advisories: 21 } },
    ])
  })

  it('answers what is asked about packages, and once for all', async () => {
    const { ids, answers } = await ask()
    const [debian, none, npm, again] = ids
    expect(none).toBeNull()
    expect(again).toBe(debian)
    expect(answers.get(debian ?? 0)).toHaveLength(20)
    expect(answers.get(debian ?? 0)?.[0]).toEqual({
      id: 'CVE-2026-1000',
      bucket: 'debian 12',
      fixedVersion: '3.0.20-1',
      status: 'fixed',
      severity: 3,
      severitySource: 'debian',
      dataSource: 'debian',
      title: 'Flaw CVE-2026-1000',
      vendorIds: [],
    })
    expect(answers.get(npm ?? 0)).toMatchObject([{ id: 'GHSA-0000', dataSource: 'test', severity: 0 }])
    const stored = await fixture.pool.query('select count(*)::int as count from package_answer')
    expect(stored.rows).toEqual([{ count: 2 }])
    expect((await ask()).answers).toEqual(answers)
  })

  it('tells of vulnerabilities themselves', async () => {
    const details = await fixture.vulndb.details((await current())?.id ?? 0, ['CVE-2026-1001', 'CVE-none'])
    expect([...details.keys()]).toEqual(['CVE-2026-1001'])
    expect(details.get('CVE-2026-1001')).toMatchObject({ Description: 'long' })
  })
})

describe('another database', () => {
  it('is left alone when it is the same', async () => {
    const before = await current()
    const done = await fixture.import(before?.source.slice('file:'.length) ?? '')
    expect(done).toMatchObject({ state: 'unchanged', generation: before?.id })
    expect(await current()).toEqual(before)
  })

  it('takes the place of the one before, with every known question answered', async () => {
    const before = await current()
    const done = await fixture.import(await fixture.file(content(25, hoursAgo(2))))
    const after = await current()
    expect(done).toMatchObject({ state: 'done', generation: after?.id })
    expect(after?.id).not.toBe(before?.id)
    const answered = await fixture.pool.query(
      'select generation, count(*)::int as count from package_answer group by 1 order by 1',
    )
    expect(answered.rows).toEqual([
      { generation: before?.id, count: 2 },
      { generation: after?.id, count: 2 },
    ])
    const { ids, answers } = await ask()
    expect(answers.get(ids[0] ?? 0)).toHaveLength(25)
    // Those who began with the one before can end with it.
    expect((await fixture.vulndb.answers(before?.id ?? 0, [ids[0] ?? 0])).get(ids[0] ?? 0)).toHaveLength(20)
  })

  it('has the one before that dropped', async () => {
    await fixture.import(await fixture.file(content(26, hoursAgo(1.9))))
    await fixture.import(await fixture.file(content(26, hoursAgo(1.8))))
    const count = (text: string) => fixture.pool.query(text).then(({ rows }) => rows[0].count)
    const generations = () => count('select count(*)::int as count from vulndb_generation')
    await expect.poll(generations).toBe(2)
    expect(await count(`select count(*)::int as count from pg_class where relname ~ '^advisory_group_\\d+$'`)).toBe(2)
  })
})

describe('a database is refused', () => {
  const files = (over: object = {}) => databaseFiles({ ...content(30, hoursAgo(1)), ...over })
  const damaged = async () => {
    const { database, metadata } = files()
    return layerOf({ 'metadata.json': metadata, 'trivy.db': database.fill(0xff, 2 * 4_096) })
  }
  const broken = async () => {
    const { database, metadata } = files()
    return layerOf({ 'metadata.json': metadata, 'trivy.db': database.subarray(0, database.length - 4_096) })
  }
  it.each<[string, () => Promise<Buffer>, RegExp, boolean]>([
    ['that is no archive', async () => Buffer.from('not a gzip'), /no sound gzip/, true],
    [
      'whose archive is cut off',
      async () => (await databaseLayer(content(30, hoursAgo(1)))).subarray(0, 200),
      /no sound gzip/,
      true,
    ],
    ['without trivy.db', async () => layerOf({ 'metadata.json': files().metadata }), /no trivy\.db/, true],
    ['without metadata.json', async () => layerOf({ 'trivy.db': files().database }), /no metadata\.json/, true],
    [
      'with metadata that is no JSON',
      async () => layerOf({ 'trivy.db': files().database, 'metadata.json': Buffer.from('{') }),
      /no JSON/,
      true,
    ],
    ['whose pages are damaged', damaged, /cannot be used/, true],
    ['whose file is broken', broken, /shorter than it says/, true],
    [
      'that is no BoltDB',
      async () => layerOf({ 'metadata.json': files().metadata, 'trivy.db': Buffer.alloc(9_000, 'x') }),
      /no page that BoltDB/,
      true,
    ],
    [
      'of another schema',
      () => databaseLayer({ ...content(30, hoursAgo(1)), version: 3 }),
      /schema version is 3/,
      true,
    ],
    ['of the future', () => databaseLayer(content(30, hoursAgo(-1))), /in the future/, true],
    ['that is older', () => databaseLayer(content(30, hoursAgo(9))), /before the one in use/, false],
    ['that knows fewer advisories', () => databaseLayer(content(20, hoursAgo(1))), /% fewer/, false],
    [
      'that has lost a source',
      () =>
        databaseLayer({
          ...content(30, hoursAgo(1)),
          buckets: { 'debian 12': content(30, hoursAgo(1)).buckets['debian 12'] ?? {} },
        }),
      /nothing of npm::Test Database/,
      false,
    ],
  ])('%s', async (_, make, message, always) => {
    const before = await current()
    const path = await fixture.file(await make())
    const refused = await fixture.import(path)
    expect(refused).toMatchObject({ state: 'refused', message: expect.stringMatching(message) })
    if (always) expect((await fixture.import(path, { force: true })).state).toBe('refused')
    expect(await current()).toEqual(before)
    const { rows } = await fixture.pool.query(
      `select distinct reason from refusal where action = 'vulndb.import' and object = $1`,
      [`vulnerability database file:${path}`],
    )
    expect(rows).toEqual([{ reason: refused.message }])
    const left = await fixture.pool.query(`select from vulndb_generation where state = 'importing'`)
    expect(left.rowCount).toBe(0)
    rmSync(path)
  })

  it('unless somebody insists', async () => {
    await using own = await openVulndb()
    await own.import(await own.file(content(40, hoursAgo(2))))
    const worse = await own.file({
      ...content(2, hoursAgo(30)),
      buckets: { 'debian 12': content(2, hoursAgo(30)).buckets['debian 12'] ?? {} },
    })
    expect((await own.import(worse)).state).toBe('refused')
    expect((await own.import(worse, { force: true })).state).toBe('done')
    expect((await own.vulndb.current(own.pool))?.counts).toEqual({ 'debian 12': 2 })
  })
})

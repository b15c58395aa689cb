import { databaseLayer } from '@breakwater/vulndb/fixture'
import { describe, expect, it } from 'vitest'
import { createUser } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { blobOf, descriptor, pushBlob, putManifest } from '../content.ts'
import { sharedRegistry, startRegistry, type TestRegistry } from '../registry.ts'
import { content, hoursAgo } from '../vulndb/fixture.ts'

const path = '/api/breakwater/v1/vulndb'
const registry = sharedRegistry()

interface Import {
  readonly id: number
  readonly state: string
  readonly source: string | null
  readonly message: string | null
  readonly requestedBy: string
}

async function ended(to: TestRegistry, id: number): Promise<Import> {
  const look = async () => JSON.parse((await to.ask('GET', `${path}/imports/${id}`)).text) as Import
  let last = await look()
  while (['waiting', 'running'].includes(last.state)) last = await look()
  return last
}

const status = async (to: TestRegistry) => JSON.parse((await to.ask('GET', path)).text)

describe('the database over the API', () => {
  it('is sent, taken and shown', async () => {
    expect(await status(registry())).toEqual({ sources: [], database: null, imports: [] })
    const built = hoursAgo(30)
    const sent = await registry().ask('PUT', `${path}/import`, { body: await databaseLayer(content(5, built)) })
    expect(sent.status).toBe(202)
    const { id } = JSON.parse(sent.text) as Import
    expect(await ended(registry(), id)).toMatchObject({ state: 'done', source: 'upload', requestedBy: 'user:admin' })
    const { database, imports } = await status(registry())
    expect(database).toMatchObject({
      source: 'upload',
      builtAt: built.toISOString(),
      freshness: 'alert',
      advisories: 6,
      buckets: { 'debian 12': 5 },
    })
    expect(database.ageSeconds).toBeGreaterThanOrEqual(30 * 3600)
    expect(imports).toMatchObject([{ id, cause: 'upload', state: 'done' }])
  })

  it('is not taken when it is none, or older', async () => {
    const broken = await registry().ask('PUT', `${path}/import`, { body: 'no database' })
    expect(await ended(registry(), JSON.parse(broken.text).id)).toMatchObject({
      state: 'refused',
      message: expect.stringContaining('no sound gzip'),
    })
    const older = await databaseLayer(content(5, hoursAgo(40)))
    const refused = await registry().ask('PUT', `${path}/import`, { body: older })
    expect(await ended(registry(), JSON.parse(refused.text).id)).toMatchObject({ state: 'refused' })
    const forced = await registry().ask('PUT', `${path}/import?force=true`, { body: older })
    expect(await ended(registry(), JSON.parse(forced.text).id)).toMatchObject({ state: 'done' })
    expect((await registry().ask('PUT', `${path}/import`)).status).toBe(400)
  })

  it('is updated from a source that is named', async () => {
    const asked = (body: object) => registry().ask('POST', `${path}/update`, { body: JSON.stringify(body) })
    const away = await asked({ source: 'oci:127.0.0.1:1/library/trivy-db:2' })
    expect(away.status).toBe(202)
    expect(await ended(registry(), JSON.parse(away.text).id)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('Cannot reach 127.0.0.1:1'),
    })
    const none = await asked({})
    expect(await ended(registry(), JSON.parse(none.text).id)).toMatchObject({
      message: expect.stringMatching(/No source/),
    })
    for (const wrong of [{ source: 'x' }, { source: 1 }, { force: 'yes' }, { sauce: 'oci:x/y' }]) {
      expect((await asked(wrong)).status).toBe(400)
    }
    expect((await registry().ask('POST', `${path}/update`, { body: '[' })).status).toBe(400)
  })

  it('is shown to those with an account, and changed by administrators', async () => {
    const { auth } = await createUser(registry())
    expect((await registry().ask('GET', path, { auth })).status).toBe(200)
    expect((await registry().ask('GET', path, { auth: undefined })).status).toBe(401)
    for (const [method, url] of [
      ['POST', `${path}/update`],
      ['PUT', `${path}/import`],
    ] as const) {
      const refused = await registry().ask(method, url, { auth, body: '{}' })
      expect([refused.status, errorOf(refused).code]).toEqual([403, 'FORBIDDEN'])
      expect((await registry().ask(method, url, { auth: undefined, body: '{}' })).status).toBe(401)
    }
    const { length } = await registry().query(`select from refusal where action = 'vulndb:update'`)
    expect(length).toBeGreaterThan(0)
    expect((await registry().ask('GET', `${path}/imports/99999`)).status).toBe(404)
  })
})

describe('a database in this registry', () => {
  it('is imported when it is pushed to where the configuration says', async () => {
    await using own = await startRegistry({
      BREAKWATER_EXTERNAL_URL: 'https://registry.example.com',
      BREAKWATER_VULNDB_SOURCE: 'oci:registry.example.com/library/trivy-db:2',
    })
    await expect
      .poll(async () => (await status(own)).imports, { timeout: 10_000 })
      .toMatchObject([{ state: 'failed', message: expect.stringContaining('This registry has no') }])
    const layer = blobOf(await databaseLayer(content(7, hoursAgo(1))))
    const config = blobOf('{}')
    for (const blob of [layer, config]) await pushBlob(own, 'library/trivy-db', blob)
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.unknown.artifact.v1',
      config: descriptor('application/vnd.oci.empty.v1+json', config),
      layers: [descriptor('application/vnd.aquasec.trivy.db.layer.v1.tar+gzip', layer)],
    })
    expect((await putManifest(own, 'library/trivy-db', '1', manifest)).status).toBe(201)
    const pushed = await putManifest(own, 'library/trivy-db', '2', manifest)
    expect(pushed.status).toBe(201)
    await expect
      .poll(async () => (await status(own)).database, { timeout: 10_000 })
      .toMatchObject({
        source: 'oci:registry.example.com/library/trivy-db:2',
        digest: pushed.headers['docker-content-digest'],
        advisories: 8,
        freshness: 'fresh',
      })
    const { imports } = await status(own)
    expect(imports[0]).toMatchObject({ cause: 'push', state: 'done', requestedBy: 'user:admin' })
    expect(imports).toHaveLength(2)
  })
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, mediaType } from '@breakwater/oci'
import { databaseFiles, databaseLayer } from '@breakwater/vulndb/fixture'
import { describe, expect, it } from 'vitest'
import { system } from '../../src/ledger/index.ts'
import { content, hoursAgo, openVulndb } from './fixture.ts'

const layerType = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip'

/** The manifest of a database's artifact, as oras makes it. */
function artifactOf(layer: Buffer): { manifest: Buffer; config: Buffer } {
  const config = Buffer.from('{}')
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    artifactType: 'application/vnd.unknown.artifact.v1',
    config: { mediaType: mediaType.ociEmpty, digest: digestOf(config), size: 2 },
    layers: [
      {
        mediaType: layerType,
        digest: digestOf(layer),
        size: layer.length,
        annotations: { 'org.opencontainers.image.title': 'db.tar.gz' },
      },
    ],
  }
  return { manifest: Buffer.from(JSON.stringify(manifest)), config }
}

describe('a folder', () => {
  it('may hold the two files', async () => {
    await using own = await openVulndb()
    const { database, metadata } = databaseFiles(content(3, hoursAgo(1)))
    writeFileSync(join(own.folder, 'trivy.db'), database)
    writeFileSync(join(own.folder, 'metadata.json'), metadata)
    expect(await own.import(own.folder)).toMatchObject({ state: 'done' })
    expect((await own.vulndb.current(own.pool))?.digest).toBe(digestOf(database))
    expect(await own.import(own.folder)).toMatchObject({ state: 'unchanged' })
  })

  it('may be an image layout, whose blobs are what they say', async () => {
    await using own = await openVulndb()
    const layer = await databaseLayer(content(3, hoursAgo(1)))
    const { manifest, config } = artifactOf(layer)
    const layout = join(own.folder, 'layout')
    const blobs = join(layout, 'blobs', 'sha256')
    mkdirSync(blobs, { recursive: true })
    const put = (bytes: Buffer, as = bytes) => writeFileSync(join(blobs, digestOf(as).slice('sha256:'.length)), bytes)
    for (const blob of [layer, manifest, config]) put(blob)
    writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    const index = {
      schemaVersion: 2,
      manifests: [{ mediaType: mediaType.ociManifest, digest: digestOf(manifest), size: manifest.length }],
    }
    writeFileSync(join(layout, 'index.json'), JSON.stringify(index))
    expect(await own.import(layout)).toMatchObject({ state: 'done' })
    expect((await own.vulndb.current(own.pool))?.digest).toBe(digestOf(manifest))

    put(await databaseLayer(content(4, hoursAgo(1))), layer)
    expect(await own.import(layout, { force: true })).toMatchObject({
      state: 'refused',
      message: expect.stringContaining('does not hash'),
    })
  })
})

describe('several sources', () => {
  it('are asked in their order until one is there', async () => {
    await using first = await openVulndb()
    const path = await first.file(content(3, hoursAgo(1)))
    const source = `file:${first.folder}/missing,oci:127.0.0.1:1/library/trivy-db:2,file:${path}`
    await using own = await openVulndb({ source })
    while (!(await own.vulndb.current(own.pool))) await new Promise((resolve) => setTimeout(resolve, 20))
    const { sources, current, imports } = await own.vulndb.status()
    expect(sources).toHaveLength(3)
    expect(current?.source).toBe(`file:${path}`)
    expect(imports).toMatchObject([{ cause: 'refresh', source: `file:${path}`, state: 'done' }])
    expect(own.logged.filter((line) => line.includes('"level":40'))).toEqual([])
  })

  it('that are all away do not keep anything from starting, and are complained about once', async () => {
    await using own = await openVulndb({ source: 'oci:127.0.0.1:1/library/trivy-db:2' })
    const failed = async () => (await own.vulndb.status()).imports.filter(({ state }) => state === 'failed')
    while ((await failed()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    // As time would, once more.
    await own.pool.query(
      `insert into vulndb_import (source, force, cause, actor) select source, force, cause, actor from vulndb_import`,
    )
    const asked = await own.vulndb.request({ source: undefined, force: false, actor: system })
    expect(await own.ended(asked.id)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('Cannot reach 127.0.0.1:1'),
    })
    expect(await own.vulndb.current(own.pool)).toBeUndefined()
    expect((await failed()).map(({ cause }) => cause)).toEqual(['request', 'refresh', 'refresh'])
    const warnings = own.logged.filter((line) => line.includes('no vulnerability database could be had'))
    // What a person asked for is always answered.
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain('breakwater vulndb import FILE')
  })

  it('have to be configured or named', async () => {
    await using own = await openVulndb()
    const { imports } = await own.vulndb.status()
    expect(imports).toEqual([])
    expect(() => own.vulndb.request({ source: 'trivy-db', force: false, actor: system })).toThrow(RangeError)
  })
})

import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImageInventory, OperatingSystem, Package } from '@breakwater/inventory'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extractDatabase } from './database/extract.ts'
import { openVulnDb, type VulnDb } from './database/vuln-db.ts'
import { matchInventory } from './match/match-inventory.ts'
import type { Finding } from './match/model.ts'

/**
 * The matcher alone, against what trivy 0.74.0 found: its inventory in, its findings out. The data may not be shipped
 * and lies beside the repository where there is any.
 */
const data = join(import.meta.dirname, '../../../../shared/vulndb')
const images = existsSync(data)
  ? (await readdir(join(data, 'golden')))
      .filter((name) => name.endsWith('.vulns.tsv'))
      .map((name) => name.split('.')[0] ?? '')
  : []

describe.skipIf(images.length === 0)('findings are those of trivy', () => {
  let folder: string
  let database: VulnDb

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vulndb-'))
    await extractDatabase(createReadStream(join(data, 'db.tar.gz')), folder)
    database = openVulnDb(join(folder, 'trivy.db'))
  })
  afterAll(async () => {
    database[Symbol.dispose]()
    await rm(folder, { recursive: true })
  })

  test.each(images.length > 0 ? images : ['goldens'])('%s', async (image) => {
    const expected = await readRows(`${image}.vulns.tsv`)
    const inventory = inventoryOf(await readRows(`${image}.packages.tsv`))
    const found = matchInventory(inventory, database).map(rowOf)
    const missing = expected.filter((row) => !found.includes(row))
    const extra = found.filter((row) => !expected.includes(row))
    console.log(
      `${image}: exact ${expected.length - missing.length}, accepted 0, missing ${missing.length}, extra ${extra.length}`,
    )
    expect({ missing, extra }).toEqual({ missing: [], extra: [] })
    expect(found.length).toBe(expected.length)
  })
})

if (images.length === 0) console.log(`no goldens at ${data}: the matcher is not compared with trivy`)

async function readRows(name: string): Promise<string[]> {
  return (await readFile(join(data, 'golden', name), 'utf8')).split('\n').filter((line) => line !== '')
}

function inventoryOf(rows: readonly string[]): ImageInventory {
  const packages = rows.map(packageOf)
  const os = packages.map(osOf).find((one) => one !== undefined)
  return { os, repositoryRelease: undefined, packages, notCovered: [], partial: [] }
}

function packageOf(row: string): Package {
  const [
    type = '',
    ,
    name = '',
    version = '',
    arch = '',
    sourceName = '',
    sourceVersion = '',
    path = '',
    purl = '',
    layer = '',
  ] = row.split('\t')
  const label = /[?&]modularitylabel=([^&]*)/.exec(purl)?.[1]
  return {
    ...{ type, name, version, arch, sourceName, sourceVersion, path, purl, layer },
    ...(label !== undefined && { modularity: decodeURIComponent(label) }),
  }
}

/** `distro=debian-12.15`; alpine's has the release alone. */
function osOf({ type, purl }: Package): OperatingSystem | undefined {
  const release = /[?&]distro=(?:[a-z]+-)?([^&]*)/.exec(purl)?.[1]
  return release === undefined ? undefined : { family: type, name: decodeURIComponent(release) }
}

function rowOf({ package: one, ...found }: Finding): string {
  return [
    ...[one.type, one.name, one.version, one.path ?? '', found.id, found.fixedVersion, found.status, found.severity],
    ...[found.severitySource, found.dataSource, found.vendorIds.join(',')],
  ].join('\t')
}

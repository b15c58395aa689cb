import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { mediaType } from '@breakwater/oci'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { imageOf, nodePackage } from '../../../packages/inventory/src/fixture.ts'
import { databaseLayer } from '../../../packages/vulndb/src/fixture.ts'
import { blobOf, descriptor, mustPutManifest, pushBlob } from '../../../server/test/content.ts'
import { commandLine } from '../fixture.ts'
import { dockerArchive, smallDatabase, smallImage, writeDatabase, writeLayout } from '../scan/fixture.ts'
import type { ReportedFinding } from '../scan/report.ts'

const cli = commandLine()
let folder: string
let database: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bw-scan-'))
  database = await writeDatabase(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Report {
  readonly findings: readonly ReportedFinding[]
  readonly complete: boolean
  readonly hidden: unknown
  readonly image: unknown
  readonly packages: unknown
  readonly inventory?: readonly { readonly name: string }[]
  readonly database: { readonly source: string; readonly digest: string }
}

const own = () => ['--db', `file:${database}`, '--cache-dir', join(folder, 'cache')]
const scan = (image: string, ...args: readonly string[]) => cli().run(['scan', image, ...own(), ...args])
const report = (image: string, ...args: readonly string[]) => cli().json<Report>(['scan', image, ...own(), ...args])
const ids = ({ findings }: Report) => findings.map(({ id }) => id)
const layout = () => writeLayout(join(folder, 'layout'), [{ image: smallImage() }])
const all = ['CVE-2023-0001', 'CVE-2023-0003', 'CVE-2023-0002']

describe('images in files', () => {
  test('a layout, as folder and as archive, also compressed', async () => {
    const tar = join(folder, 'layout.tar')
    execFileSync('tar', ['-C', layout(), '-cf', tar, '.'])
    const archive = readFileSync(tar)
    writeFileSync(join(folder, 'layout.tar.gz'), gzipSync(archive))
    writeFileSync(join(folder, 'layout.tar.zst'), zstdCompressSync(archive))
    for (const file of [join(folder, 'layout'), tar, `${tar}.gz`, `${tar}.zst`]) {
      const found = await report(file)
      expect(ids(found)).toEqual(all)
      expect(found.image).toMatchObject({ digest: smallImage().manifestDigest, platform: 'linux/amd64' })
    }
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('breakwater-scan-'))).toEqual([])
  })

  test('an archive of docker save, by tag where there are several', async () => {
    const file = join(folder, 'saved.tar')
    const other = imageOf([[nodePackage('left-pad', '1.1.0')]])
    writeFileSync(
      file,
      dockerArchive([
        { image: smallImage(), tags: ['a:1'] },
        { image: other, tags: ['b:1'] },
      ]),
    )
    expect(ids(await report(file, '--tag', 'a:1'))).toEqual(all)
    expect(ids(await report(file, '--tag', 'b:1'))).toEqual([])
    const refused = await scan(file)
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain('it holds several images; choose one with --tag: a:1, b:1')
  })

  test('one platform of several', async () => {
    const arm = imageOf([[nodePackage('left-pad', '1.0.0')]], { config: { architecture: 'arm64' } })
    const file = writeLayout(join(folder, 'both'), [
      { image: smallImage(), platform: { os: 'linux', architecture: 'amd64' } },
      { image: arm, platform: { os: 'linux', architecture: 'arm64' } },
    ])
    expect(ids(await report(file, '--platform', 'linux/arm64'))).toEqual(['CVE-2023-0003'])
    expect(ids(await report(file, '--platform', 'linux/amd64'))).toEqual(all)
    const refused = await scan(file, '--platform', 'windows/amd64')
    expect(refused.err).toContain(
      'there is no image for windows/amd64; choose one with --platform: linux/amd64, linux/arm64',
    )
  })

  test('what is no image, or not the one that it says, is refused', async () => {
    const image = smallImage()
    const [, layer = ''] = image.blobs.keys()
    const path = writeLayout(join(folder, 'changed'), [{ image }])
    writeFileSync(
      join(path, 'blobs', 'sha256', layer.slice('sha256:'.length)),
      imageOf([[nodePackage('clean', '1.0.0')]])
        .blobs.values()
        .toArray()[1] ?? '',
    )
    expect((await scan(path)).err).toContain('The config of the image names another layer 1')
    writeFileSync(join(folder, 'text.tar'), 'not a tar archive'.repeat(100))
    expect((await scan(join(folder, 'text.tar'))).err).toContain('it is no tar archive')
    expect((await scan(folder)).err).toContain('neither an OCI image layout (index.json) nor')
    expect(await scan(join(folder, 'missing.tar'))).toMatchObject({ code: 2 })
  })
})

test('an image of a registry, with the login of the command line', async () => {
  const { registry } = cli()
  const image = smallImage()
  for (const bytes of image.blobs.values()) await pushBlob(registry, 'library/app', blobOf(bytes))
  await mustPutManifest(registry, 'library/app', '1', image.manifest)
  const name = `${new URL(registry.origin).host}/library/app:1`
  const found = await report(name)
  expect(ids(found)).toEqual(all)
  expect(found.image).toMatchObject({ name, digest: image.manifestDigest })
})

describe('the report', () => {
  test('as a table says what was looked at, and nothing moves the cursor', async () => {
    const { code, out, err } = await scan(layout())
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('System    debian 12.1')
    expect(out).toContain('Packages  2 debian, 1 node-pkg')
    expect(out).toMatch(/Database {2}built 2026-01-01T00:00:00.000Z, \d+ days old\n {10}sha256:[0-9a-f]{64} from file:/)
    expect(out).toContain('3 vulnerabilities (CRITICAL 1, MEDIUM 1, LOW 1), 2 with a fix.')
    expect(out).toMatch(/CRITICAL +CVE-2023-0001 +libssl3 +3\.0\.9-1 +3\.0\.11-1 +fixed +openssl: something terrible/)
    expect(out).toMatch(/MEDIUM .* left-pad .* app\/node_modules\/left-pad\/package\.json/)
    expect(out).not.toContain('\u001b')
  })

  test('leaves out what is not asked for, and says how much that is', async () => {
    const { out } = await scan(layout(), '--severity', 'critical,low', '--ignore-unfixed')
    expect(out).toContain(
      '1 vulnerability (CRITICAL 1), 1 with a fix. Not shown: 1 of other severities, 1 without a fix.',
    )
    const found = await report(layout(), '--severity', 'HIGH')
    expect(found).toMatchObject({ findings: [], hidden: { bySeverity: 3, unfixed: 0 }, complete: true })
  })

  test('lists packages only when asked to', async () => {
    expect(await report(layout())).toMatchObject({ packages: { debian: 2, 'node-pkg': 1 } })
    expect((await report(layout())).inventory).toBeUndefined()
    const { inventory } = await report(layout(), '--list-packages')
    expect(inventory?.map(({ name }) => name)).toEqual(['libssl3', 'zlib1g', 'left-pad'])
  })

  test('decides the exit code', async () => {
    expect((await scan(layout(), '--exit-code', '7')).code).toBe(7)
    expect((await scan(layout(), '--exit-code', '7', '--severity', 'HIGH')).code).toBe(0)
    expect((await scan(layout(), '--exit-code', '256')).code).toBe(2)
    expect((await scan(layout(), '--severity', 'AWFUL')).code).toBe(2)
  })

  test('is incomplete where something could not be read, and that counts as found', async () => {
    const broken = imageOf([[{ path: '../../outside', content: 'x' }]])
    const jar = imageOf([[{ path: 'opt/app.jar', content: 'PK' }]])
    const incomplete = await scan(writeLayout(join(folder, 'broken'), [{ image: broken }]), '--exit-code', '3')
    expect(incomplete.out).toContain('INCOMPLETE: this image could not be read whole')
    expect(incomplete.code).toBe(3)
    const { out } = await scan(writeLayout(join(folder, 'jar'), [{ image: jar }]))
    expect(out).toContain('NOT COVERED: nothing is said about these')
    expect(out).toContain('jar, such as opt/app.jar: it cannot be read')
  })
})

describe('the database', () => {
  test('comes from a registry, is kept, and is used where the registry is away', async () => {
    const { registry } = cli()
    const host = new URL(registry.origin).host
    const layer = blobOf(await databaseLayer(smallDatabase))
    const config = blobOf('{}')
    for (const blob of [layer, config]) await pushBlob(registry, 'library/trivy-db', blob)
    const manifest = {
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: descriptor('application/vnd.aquasec.trivy.config.v1+json', config),
      layers: [descriptor('application/vnd.aquasec.trivy.db.layer.v1.tar+gzip', layer)],
    }
    await mustPutManifest(registry, 'library/trivy-db', '2', JSON.stringify(manifest))
    const cache = ['--cache-dir', join(folder, 'kept')]
    const from = (source: string, ...args: readonly string[]) =>
      cli().run(['scan', layout(), '--db', source, ...cache, ...args, '--json'])
    const first = await from(`oci:${host}/library/trivy-db:2`)
    expect(first).toMatchObject({ code: 0, err: '' })
    expect((JSON.parse(first.out) as Report).database.source).toBe(`oci:${host}/library/trivy-db:2`)
    const offline = await from(`oci:${host}/library/trivy-db:2`, '--offline')
    expect(ids(JSON.parse(offline.out) as Report)).toEqual(all)
    const none = await from(`oci:${host}/library/none:2`)
    expect(none).toMatchObject({ code: 1, out: '' })
    expect(none.err).toMatch(/There is no vulnerability database\. .* Name another with --db/)
  })

  test('is refused where it is none, of another version, or from the future', async () => {
    const with_ = async (content: object) =>
      writeFileSync(database, await databaseLayer({ ...smallDatabase, ...content }))
    writeFileSync(database, 'text')
    expect((await scan(layout())).code).toBe(1)
    await with_({ version: 3 })
    expect((await scan(layout())).err).toContain('schema version is 3')
    await with_({ updatedAt: new Date(Date.now() + 7_200_000) })
    expect((await scan(layout())).err).toContain('Is the clock right?')
    expect((await cli().run(['scan', layout(), '--db', 'somewhere'])).code).toBe(2)
  })
})

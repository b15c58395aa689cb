import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { hexOf, parseDigest } from '@breakwater/oci'
import {
  debianRelease,
  dpkgStatus,
  type FixtureImage,
  imageOf,
  nodePackage,
  tarOf,
} from '../../../packages/inventory/src/fixture.ts'
import { type DatabaseContent, databaseLayer } from '../../../packages/vulndb/src/fixture.ts'

/** A Debian 12 image with three packages that the database below has something to say about. */
export function smallImage(): FixtureImage {
  const packages = [
    { name: 'libssl3', version: '3.0.9-1', source: 'openssl' },
    { name: 'zlib1g', version: '1:1.2.13.dfsg-1', source: 'zlib' },
  ]
  return imageOf([[...debianRelease('12.1'), dpkgStatus(packages)], [nodePackage('left-pad', '1.0.0')]])
}

/** What is known of the packages of `smallImage`: a critical, a medium and a low vulnerability; the last has no fix. */
export const smallDatabase: DatabaseContent = {
  buckets: {
    'debian 12': {
      openssl: { 'CVE-2023-0001': { FixedVersion: '3.0.11-1' } },
      zlib: { 'CVE-2023-0002': { Status: 5, Severity: 1 } },
    },
    'npm::GitHub Security Advisory Npm': {
      'left-pad': { 'CVE-2023-0003': { PatchedVersions: ['1.1.0'], VulnerableVersions: ['<1.1.0'] } },
    },
  },
  vulnerabilities: {
    'CVE-2023-0001': {
      Title: 'openssl: something\nterrible \u001b[31m',
      VendorSeverity: { nvd: 4 },
      References: ['https://example.test/1'],
    },
    'CVE-2023-0002': { Title: 'zlib: something small' },
    'CVE-2023-0003': { Title: 'left-pad: padding', VendorSeverity: { ghsa: 2 } },
  },
  dataSources: {
    'debian 12': { ID: 'debian', Name: 'Debian Security Tracker' },
    'npm::GitHub Security Advisory Npm': { ID: 'ghsa', Name: 'GitHub Security Advisory Npm' },
  },
  updatedAt: new Date('2026-01-01T00:00:00Z'),
}

/** Writes a database as an archive; what `file:` names. */
export async function writeDatabase(folder: string, content: DatabaseContent = smallDatabase): Promise<string> {
  const path = join(folder, 'db.tar.gz')
  writeFileSync(path, await databaseLayer(content))
  return path
}

interface IndexEntry {
  readonly image: FixtureImage
  readonly tag?: string
  readonly platform?: { readonly os: string; readonly architecture: string }
}

/** Writes an OCI image layout that lists these images. */
export function writeLayout(folder: string, entries: readonly IndexEntry[]): string {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const write = (digest: string, bytes: Buffer) => {
    const parsed = parseDigest(digest)
    if (parsed) writeFileSync(join(blobs, hexOf(parsed)), bytes)
  }
  const manifests = entries.map(({ image, tag, platform }) => {
    for (const [digest, bytes] of image.blobs) write(digest, bytes)
    write(image.manifestDigest, image.manifest)
    return {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: image.manifestDigest,
      size: image.manifest.length,
      ...(platform && { platform }),
      ...(tag && { annotations: { 'org.opencontainers.image.ref.name': tag } }),
    }
  })
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  return folder
}

/** An archive as `docker save` writes it: unpacked layers, one of them by a link. */
export function dockerArchive(
  images: readonly { readonly image: FixtureImage; readonly tags: readonly string[] }[],
): Buffer {
  const entries = images.flatMap(({ image }, index) => {
    const layers = [...image.blobs.values()].slice(1).map((layer) => gunzipSync(layer))
    return [
      { path: `${index}.json`, content: image.config },
      ...layers.map((content, at) => ({ path: `${index}-${at}/layer.tar`, content })),
      { path: `${index}-link/layer.tar`, type: 'symlink' as const, linkname: `../${index}-0/layer.tar` },
    ]
  })
  const manifest = images.map(({ image, tags }, index) => ({
    Config: `${index}.json`,
    RepoTags: tags,
    Layers: image.diffIds.map((_, at) => (at === 0 ? `${index}-link/layer.tar` : `${index}-${at}/layer.tar`)),
  }))
  return tarOf([...entries, { path: 'manifest.json', content: JSON.stringify(manifest) }])
}

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { algorithmOf, digestFromHex, hexOf, maxManifestBytes, parseDigest, parseManifest } from '@breakwater/oci'
import { ImportRefused, SourceUnavailable } from '../refusal.ts'
import { databaseLayer, mostArchiveBytes } from './artifact.ts'
import { readFolder } from './extract.ts'
import type { Found } from './found.ts'

/** A database on this machine: a db.tar.gz, a folder with its two files, or a folder in OCI's image layout. */
export async function findFile(path: string): Promise<Found> {
  const found = await stat(path).catch((cause: unknown) => {
    const remedy = 'Check the path; with several replicas, each needs the file.'
    throw new SourceUnavailable(`There is no ${path} that can be read (${String(cause)}). ${remedy}`, { cause })
  })
  if (!found.isDirectory()) return archive(path, found.size, undefined)
  if (await exists(join(path, 'oci-layout'))) return findInLayout(path)
  const files = await readFolder(path)
  return { kind: 'folder', digest: await hashOf(files.path), files }
}

function archive(path: string, size: number, digest: string | undefined): Found {
  if (size > mostArchiveBytes) {
    throw new ImportRefused(`${path} has ${size} bytes; at most ${mostArchiveBytes} are taken.`)
  }
  return { kind: 'archive', digest, size, archive: () => createReadStream(path, { highWaterMark: 1024 * 1024 }) }
}

/** Image-spec, image layout: index.json names the manifest, and everything is in blobs by its digest. */
async function findInLayout(folder: string): Promise<Found> {
  const index = parseManifest(await readSmall(join(folder, 'index.json')), undefined)
  const [descriptor] = index.kind === 'index' ? index.manifests : []
  if (!descriptor || (index.kind === 'index' && index.manifests.length > 1)) {
    throw new ImportRefused(`${folder} has to hold one artifact; export trivy-db alone.`)
  }
  const manifest = parseManifest(await readSmall(blobPath(folder, descriptor.digest)), descriptor.mediaType)
  const layer = databaseLayer(manifest, folder)
  const path = blobPath(folder, layer.digest)
  const hash = await hashOf(path)
  if (hash !== layer.digest) throw new ImportRefused(`${path} does not hash to its name; copy the folder again.`)
  return archive(path, layer.size, descriptor.digest)
}

function blobPath(folder: string, digest: string): string {
  const checked = parseDigest(digest)
  if (!checked) throw new ImportRefused(`${folder} names a blob in no known way: ${digest}.`)
  return join(folder, 'blobs', algorithmOf(checked), hexOf(checked))
}

async function readSmall(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  if (size > maxManifestBytes) throw new ImportRefused(`${path} has ${size} bytes; a manifest has at most 4 MiB.`)
  return readFile(path)
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece)
  return digestFromHex('sha256', hash.digest('hex'))
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * The keys of everything in a blob store. The only maker of keys.
 *
 *     blobs/sha256/ab/<64 hex>      finished content, manifests included; never changed once there
 *     blobs/sha512/ab/<128 hex>
 *     uploads/<upload id>/<part>    content on its way in
 *     uploads/<upload id>/<part>.<8 digits>    the same in an object store, cut into segments
 *     uploads/<upload id>/joined.<name>        several segments, joined on the way to a very large blob
 *     temp/<random>                 a small write before its rename
 *     records/<name>                small things with a name: snapshots of the database, the mark of a restore
 */
import { algorithmOf, type Digest, hexOf } from '@breakwater/oci'

export const uploadsFolder = 'uploads'
export const tempFolder = 'temp'
export const recordsFolder = 'records'
export const blobAlgorithms = ['sha256', 'sha512'] as const

export function blobFolder(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest).slice(0, 2)}`
}

export function blobKey(digest: Digest): string {
  return `${blobFolder(digest)}/${hexOf(digest)}`
}

export function uploadFolder(upload: string): string {
  return `${uploadsFolder}/${upload}`
}

export function partKey(upload: string, part: string): string {
  return `${uploadFolder(upload)}/${part}`
}

/** What the keys of all segments of a part begin with. */
export function segmentPrefix(upload: string, part: string): string {
  return `${partKey(upload, part)}.`
}

export function segmentKey(upload: string, part: string, index: number): string {
  return segmentPrefix(upload, part) + String(index).padStart(8, '0')
}

export function joinedKey(upload: string, name: string): string {
  return partKey(upload, `joined.${name}`)
}

export function temporaryKey(name: string): string {
  return `${tempFolder}/${name}`
}

const recordName = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/

/** Fails where the name has other characters than `a-z0-9._-/`, or a component that begins with a dot. */
export function recordKey(name: string): string {
  if (!recordName.test(name) || name.length > 200) throw new RangeError(`${name} is no name of a record`)
  return `${recordsFolder}/${name}`
}

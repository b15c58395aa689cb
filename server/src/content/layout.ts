/**
 * The keys of everything in a blob store. The only maker of keys.
 *
 *     blobs/sha256/ab/<64 hex>      finished content, manifests included; never changed once there
 *     blobs/sha512/ab/<128 hex>
 *     uploads/<upload id>/<part>    content on its way in
 *     temp/<random>                 a small write before its rename
 */
import { algorithmOf, type Digest, hexOf } from '@breakwater/oci'

export const uploadsFolder = 'uploads'
export const tempFolder = 'temp'

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

import { createHash } from 'node:crypto'
import { digestFromHex } from '@breakwater/oci'
import type { ImageReference } from '@breakwater/oci-client'
import type { VulndbSource } from '../../config/index.ts'
import { type DatabaseFiles, unpack } from './extract.ts'
import { findFile } from './file.ts'
import type { Found } from './found.ts'
import { findOwn, type OwnRegistry } from './own.ts'
import { findRemote } from './remote.ts'

/** Looks for a database without moving it. Throws SourceUnavailable or ImportRefused. */
export function findDatabase(own: OwnRegistry, source: VulndbSource, signal: AbortSignal): Promise<Found> {
  if (source.kind === 'file') return findFile(source.path)
  return isOwn(own, source.reference) ? findOwn(own, source.reference) : findRemote(source.reference, signal)
}

/** Whether a reference leads to this registry itself. */
export function isOwn({ hosts }: Pick<OwnRegistry, 'hosts'>, { host }: ImageReference): boolean {
  return hosts().includes(host.toLowerCase())
}

/** Has a found database on this machine's disk, in `folder` if it was not there; with its digest. */
export async function fetchDatabase(
  found: Found,
  folder: string,
  { onBytes, signal }: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal },
): Promise<DatabaseFiles & { readonly digest: string }> {
  if (found.kind === 'folder') return { ...found.files, digest: found.digest }
  const hash = createHash('sha256')
  let total = 0
  const watched = async function* () {
    for await (const piece of found.archive(signal)) {
      signal.throwIfAborted()
      hash.update(piece)
      total += piece.length
      onBytes(total)
      yield piece
    }
  }
  const files = await unpack(watched(), folder)
  return { ...files, digest: found.digest ?? digestFromHex('sha256', hash.digest('hex')) }
}

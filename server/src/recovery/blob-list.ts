import { createInterface } from 'node:readline'
import { type Digest, parseDigest } from '@breakwater/oci'
import { type ArchiveReader, readFile } from './archive.ts'

/** A blob or manifest that a backup needs. */
export interface NeededBlob {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
  /** False: no repository names it, so it may be collected. */
  readonly named: boolean
}

/** The blobs that belong to a backup. */
export async function* neededBlobs(archive: ArchiveReader): AsyncGenerator<NeededBlob> {
  const { blobs } = archive.manifest
  if (!blobs) return
  const missing = new Set(blobs.missing)
  const content = readFile(archive, blobs.file)
  let failure: unknown
  content.on('error', (error) => {
    failure = error
  })
  for await (const line of createInterface({ input: content })) {
    const [text = '', size = '', named] = line.split('\t')
    const digest = parseDigest(text)
    if (!digest) throw new Error(`${archive.where} is damaged: its list of blobs has the line ${line}.`)
    if (!missing.has(digest)) yield { digest, size: Number(size), named: named === '1' }
  }
  if (failure !== undefined) throw failure
}

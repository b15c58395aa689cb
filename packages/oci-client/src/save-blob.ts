import { open, rm } from 'node:fs/promises'
import type { Descriptor, RepositoryName } from '@breakwater/oci'
import type { Registry } from './registry.ts'

/** Writes a blob to a new file; when it cannot be had whole and true, no file is left. `onProgress` gets bytes so far. */
export async function saveBlob(
  registry: Registry,
  {
    repository,
    descriptor,
    path,
    maxBytes,
    onProgress,
    signal,
  }: {
    readonly repository: RepositoryName
    readonly descriptor: Pick<Descriptor, 'digest' | 'size'>
    readonly path: string
    readonly maxBytes: number
    readonly onProgress?: (bytes: number) => void
    readonly signal?: AbortSignal
  },
): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    let length = 0
    for await (const piece of registry.blob(repository, descriptor, { maxBytes, ...(signal ? { signal } : {}) })) {
      await file.writeFile(piece)
      length += piece.length
      onProgress?.(length)
    }
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
  await file.close()
}

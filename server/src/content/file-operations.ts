import { type FileHandle, open } from 'node:fs/promises'
import { StoreUnavailable } from './store.ts'

export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

/** Makes a rename within the folder outlast a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const meanings: Readonly<Record<string, string>> = {
  ENOSPC: 'the blob store is full',
  EDQUOT: "the blob store's quota is used up",
  EROFS: 'the blob store is read-only',
  EACCES: 'the blob store may not be written by this user',
  EIO: 'the blob store reports an input/output error',
  EMFILE: 'too many files are open (raise the limit, see `breakwater doctor`)',
}

/** What the error means for the store; itself where it means nothing known. */
export function unavailable(error: unknown): unknown {
  const meaning = meanings[codeOf(error) ?? '']
  return meaning ? new StoreUnavailable(meaning, error) : error
}

import type { Hasher } from '../content/index.ts'
import { openBackup } from './folder-archive.ts'
import { openFolderBlobs } from './folder-blobs.ts'
import type { Report } from './report.ts'
import { type Verified, verifyArchive } from './verify.ts'

export type { Verified } from './verify.ts'

/** Reads a backup whole, the newest of the folder unless one is named, and says what is wrong with it. */
export async function verifyBackup(
  { hasher }: { readonly hasher: Hasher },
  { source, id, report }: { readonly source: string; readonly id?: string | undefined; readonly report: Report },
): Promise<Verified> {
  return verifyArchive(await openBackup(source, id), await openFolderBlobs(source, hasher), report)
}

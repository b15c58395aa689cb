import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatabaseMetadata, extractDatabase, parseMetadata } from '@breakwater/vulndb'
import { refusing } from '../refusal.ts'

/** A database on this machine's disk. */
export interface DatabaseFiles {
  /** `trivy.db` */
  readonly path: string
  readonly metadata: Pick<DatabaseMetadata, 'updatedAt' | 'nextUpdate'>
}

/** Unpacks a database's archive into an empty folder. Throws ImportRefused, and whatever the bytes end with. */
export function unpack(archive: AsyncIterable<Uint8Array>, folder: string): Promise<DatabaseFiles> {
  return refusing(async () => ({
    metadata: await extractDatabase(archive, folder),
    path: join(folder, 'trivy.db'),
  }))
}

/** What a folder holds that has both files. Throws ImportRefused, and what the system says when one cannot be read. */
export function readFolder(folder: string): Promise<DatabaseFiles> {
  return refusing(async () => ({
    metadata: parseMetadata(await readFile(join(folder, 'metadata.json'))),
    path: join(folder, 'trivy.db'),
  }))
}

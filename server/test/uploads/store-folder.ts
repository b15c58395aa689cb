import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestRegistry } from '../registry.ts'

/** The uploads that have bytes in the store and no row in the database: nobody would ever remove them. */
export async function storedUploads({ dataDir, query }: Pick<TestRegistry, 'dataDir' | 'query'>): Promise<string[]> {
  const known = new Set((await query<{ id: string }>('select id from upload')).map(({ id }) => id))
  const folders = await readdir(join(dataDir, 'store/uploads'))
  return folders.filter((id) => !known.has(id))
}

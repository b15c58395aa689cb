import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The folder itself, or the nearest one above it that exists; the first start makes those between. */
export async function existingFolder(folder: string): Promise<string> {
  const above = dirname(folder)
  if (above === folder) return folder
  const found = await access(folder, constants.F_OK).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  return found ? folder : existingFolder(above)
}

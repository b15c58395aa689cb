import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where the peers and clients are kept beside PATH; `REGISTRY_TOOLS` names another place. */
const toolFolder = process.env['REGISTRY_TOOLS'] ?? join(homedir(), '.cache', 'registry-tools', 'bin')

/** The absolute path of a program, from the tool folder or PATH. Throws with the remedy when it is missing. */
export function findTool(name: string): string {
  for (const folder of [toolFolder, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not here: the next folder may have it.
    }
  }
  throw new Error(`the program "${name}" is missing: put it on PATH or name its folder in REGISTRY_TOOLS`)
}

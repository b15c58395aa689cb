import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where the installed clients are, with programs in the folder `bin`. */
export const toolsFolder = process.env['TOOLS_DIR'] ?? join(homedir(), '.cache', 'registry-tools')
const sbin = ['/usr/local/sbin', '/usr/sbin', '/sbin']
const path = [join(toolsFolder, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter), ...sbin].filter(
  (folder) => folder !== '',
)

/** This process' environment with the tools on PATH, without settings of ours and of clients that a person has made. */
export function cleanEnvironment(): Record<string, string> {
  const clean: Record<string, string> = {}
  for (const [key, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(BREAKWATER|DOCKER|BUILDKIT|BUILDX|OCI|SSL_CERT|REGISTRY_AUTH)_/.test(key))
      clean[key] = value
  }
  return { ...clean, PATH: path.join(delimiter) }
}

/** The file of a program, or undefined where it is not installed. */
export function findTool(name: string): string | undefined {
  return path.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

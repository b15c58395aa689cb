import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Breakwater } from '../support/breakwater.ts'
import { outputOf } from '../support/command.ts'

/** Runs a printed command with the guide's variables; curl is told to print the status, too. */
export function createCurl(server: Breakwater, folder: string) {
  writeFileSync(join(folder, '.curlrc'), 'write-out = "\\n%{http_code}"\n')
  const { user, password } = server.admin
  const env = { CURL_HOME: folder, HARBOR: server.url, AUTH: `${user}:${password}` }
  return async (command = 'false'): Promise<{ body: string; status: string | undefined }> => {
    const lines = (await outputOf('bash', ['-c', command], { env })).split('\n')
    const status = lines.pop()
    return { body: lines.join('\n').trim(), status }
  }
}

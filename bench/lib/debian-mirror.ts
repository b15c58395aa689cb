import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** The Debian archive that this machine itself installs from. Throws where apt knows none. */
export async function debianMirror(): Promise<string> {
  const { stdout } = await execute('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'])
  const mirror = stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri))
  if (mirror === undefined) throw new Error('apt knows no Debian archive: run apt-get update')
  return mirror
}

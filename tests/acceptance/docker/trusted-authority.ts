import { copyFileSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

const certificates = '/etc/docker/certs.d'

/** Lets the engines of this machine trust an authority for one `host:port`, until it is disposed of. */
export function trustAuthority(host: string, caFile: string): AsyncDisposable {
  const folder = join(certificates, host)
  const madeFirst = mkdirSync(folder, { recursive: true })
  copyFileSync(caFile, join(folder, 'ca.crt'))
  return {
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true })
      // Only what was missing before, and only if nobody else has put something there since.
      for (
        let parent = dirname(folder);
        madeFirst !== undefined && parent.startsWith(madeFirst);
        parent = dirname(parent)
      ) {
        try {
          rmdirSync(parent)
        } catch {
          return
        }
      }
    },
  }
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { complaintOf, outputOf } from '../support/command.ts'
import type { Account } from '../support/http.ts'

/** crane as one person uses it: with a configuration, and so with a login, of their own. */
export interface Crane {
  readonly login: (host: string, account: Account) => Promise<void>
  /** What a command printed to standard output. Throws when it failed. */
  readonly run: (...args: readonly string[]) => Promise<string>
  /** What a command that failed printed, on one line. Throws when it succeeded. */
  readonly complain: (...args: readonly string[]) => Promise<string>
}

/** The configuration goes to a folder `person` in `folder`. `caFile` is trusted beside the system's authorities. */
export function createCrane(folder: string, person: string, caFile?: string): Crane {
  const config = join(folder, person)
  mkdirSync(config, { recursive: true })
  const env = { DOCKER_CONFIG: config, ...(caFile !== undefined && { SSL_CERT_FILE: caFile }) }
  return {
    async login(host, { user, password }) {
      await outputOf('crane', ['auth', 'login', host, '-u', user, '--password-stdin'], { env, input: password })
    },
    run: (...args) => outputOf('crane', args, { env }),
    complain: (...args) => complaintOf('crane', args, { env }),
  }
}

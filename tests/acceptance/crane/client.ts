import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createPerson, type Person } from '../support/person.ts'

/** The configuration goes to a folder `person` in `folder`. `caFile` is trusted beside the system's authorities. */
export function createCrane(folder: string, person: string, caFile?: string): Person {
  const config = join(folder, person)
  mkdirSync(config, { recursive: true })
  const env = { DOCKER_CONFIG: config, ...(caFile !== undefined && { SSL_CERT_FILE: caFile }) }
  return createPerson({ program: 'crane', login: ['auth', 'login', '--password-stdin'], env })
}

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/index.ts'
import { record, system } from '../ledger/index.ts'
import { type Pool, transaction } from '../metadata/index.ts'
import { generatePassword, hashPassword } from './password.ts'
import { createAdmin, findUser } from './queries.ts'

/**
 * Gives a fresh registry its administrator, once: the configured password, or a generated one that is written to
 * `<dataDir>/admin-password`, readable by its owner only.
 */
export async function bootstrapAdmin(pool: Pool, config: Config): Promise<void> {
  if (await findUser(pool, 'admin')) return
  const configured = config.adminPassword?.reveal()
  const password = configured ?? generatePassword()
  const passwordHash = await hashPassword(password)
  await transaction(pool, async (tx) => {
    if (!(await createAdmin(tx, passwordHash))) return
    // Before the commit: an account whose password nobody can read would lock the user out.
    if (configured === undefined) await writeFile(adminPasswordFile(config), `${password}\n`, { mode: 0o600 })
    await record(tx, system, { action: 'user.create', object: 'user admin', detail: { bootstrap: true } })
  })
}

export function adminPasswordFile(config: Config): string {
  return join(config.dataDir, 'admin-password')
}

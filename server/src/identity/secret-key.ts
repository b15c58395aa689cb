import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { link, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/index.ts'
import { type Db, writeSettingOnce } from '../metadata/index.ts'

/** Keys made from the one secret that lives outside the database; all replicas share it. */
export interface SecretKey {
  derive(purpose: string): Uint8Array
}

/**
 * The configured secret key, or one generated into `<dataDir>/secret.key`. The database keeps a check value, so that a
 * replica with another key ends at its start instead of refusing everybody's tokens.
 */
export async function openSecretKey(config: Config, db: Db): Promise<SecretKey> {
  const file = join(config.dataDir, 'secret.key')
  const secret = config.secretKey?.reveal() ?? (await readOrGenerate(file))
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', secret, '', `breakwater ${purpose}`, 32))
  const check = createHmac('sha256', derive('check')).update('breakwater').digest('hex')
  if ((await writeSettingOnce(db, 'secret_key_check', check)) !== check) {
    const source = config.secretKey ? 'secretKey (BREAKWATER_SECRET_KEY)' : file
    throw new Error(
      `${source} is not the secret key that this database was set up with. ` +
        'Give every replica the same secretKey, or restore the secret.key file that belongs to the database.',
    )
  }
  return { derive }
}

async function readOrGenerate(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  // A link never replaces: of two first starts, one key wins and both read it.
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true })
  await link(draft, file).catch(() => undefined)
  await unlink(draft)
  return (await readFile(file, 'utf8')).trim()
}

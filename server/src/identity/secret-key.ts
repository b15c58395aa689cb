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
  const file = secretKeyFile(config)
  const secret = config.secretKey?.reveal() ?? (await readOrGenerate(config))
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', secret, '', `breakwater ${purpose}`, 32))
  const check = secretKeyCheck(secret)
  if ((await writeSettingOnce(db, secretKeySetting, check)) !== check) {
    const source = config.secretKey ? 'secretKey (BREAKWATER_SECRET_KEY)' : file
    throw new Error(
      `${source} is not the secret key that this database was set up with. ` +
        'Give every replica the same secretKey, or restore the secret.key file that belongs to the database.',
    )
  }
  return { derive }
}

/** Where the database keeps the check value of its key. */
export const secretKeySetting = 'secret_key_check'

/** Where a key is that was not configured. */
export function secretKeyFile(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'secret.key')
}

/** Tells keys apart without telling the key. */
export function secretKeyCheck(secret: string): string {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'breakwater check', 32))
  return createHmac('sha256', key).update('breakwater').digest('hex')
}

/** The key that a server would start with; undefined where it would generate one. */
export async function findSecretKey(config: Config): Promise<string | undefined> {
  return config.secretKey?.reveal() ?? (await readIfThere(secretKeyFile(config)))
}

/** Puts a key where a server looks for it, unless one is there. Readable by its owner only. */
export async function placeSecretKey(config: Config, secret: string): Promise<void> {
  // A link never replaces: of two first starts, one key wins and both read it.
  const file = secretKeyFile(config)
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${secret}\n`, { mode: 0o600, flush: true })
  await link(draft, file).catch(() => undefined)
  await unlink(draft)
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return undefined
  }
}

async function readOrGenerate(config: Config): Promise<string> {
  const found = await readIfThere(secretKeyFile(config))
  if (found !== undefined) return found
  await placeSecretKey(config, randomBytes(32).toString('base64url'))
  return (await readFile(secretKeyFile(config), 'utf8')).trim()
}

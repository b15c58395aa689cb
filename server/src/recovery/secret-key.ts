import { text } from 'node:stream/consumers'
import type { Config } from '../config/index.ts'
import { findSecretKey, placeSecretKey, secretKeyCheck, secretKeyFile } from '../identity/index.ts'
import { type ArchiveReader, readFile } from './archive.ts'

export interface ChosenKey {
  /** It is the one that the rows were made with. */
  readonly same: boolean
  /** Puts a key of the archive where the server looks for it. */
  place(): Promise<void>
}

/**
 * The secret key that the rows of an archive will be used with: the one of this installation, else the archive's own.
 * Fails with a sentence where that is another one than the rows were made with, unless a new one is wanted.
 */
export async function chooseKey(archive: ArchiveReader, config: Config, newKey: boolean): Promise<ChosenKey> {
  const { check, file } = archive.manifest.secretKey
  const own = await findSecretKey(config)
  const enclosed = file && (await text(readFile(archive, file, { compressed: false }))).trim()
  const key = own ?? enclosed
  const place = async () => {
    if (own === undefined && enclosed !== undefined) await placeSecretKey(config, enclosed)
  }
  if (check === null || (key !== undefined && secretKeyCheck(key) === check)) return { same: true, place }
  if (newKey) return { same: false, place: async () => undefined }
  throw new Error(
    `${problem(config, own, enclosed)} Set secretKey (BREAKWATER_SECRET_KEY) to the key of the registry that was saved, ` +
      `or bring its file to ${secretKeyFile(config)}. --new-secret-key goes on without it: every robot then needs a new ` +
      'secret. Nothing was changed.',
  )
}

function problem(config: Config, own: string | undefined, enclosed: string | undefined): string {
  if (own === undefined) {
    return enclosed === undefined
      ? 'The secret key of the registry is neither here nor in the archive.'
      : "The archive's secret key is not the one that its rows were made with."
  }
  const source = config.secretKey ? 'secretKey (BREAKWATER_SECRET_KEY)' : secretKeyFile(config)
  return `${source} is another secret key than that of the registry that was saved.`
}

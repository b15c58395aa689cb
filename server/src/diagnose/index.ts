/**
 * diagnose: checks what the registry stands on and says what is wrong and what to do.
 * Owns tables: none.   Enter by: diagnose.
 * Uses: config, metadata, content.   Never: changes data, starts a second embedded database, shows a secret.
 */
import type { Config } from '../config/index.ts'
import { storeRoot } from '../content/index.ts'
import { checkCertificates } from './certificates.ts'
import { checkConfiguration } from './configuration.ts'
import { checkDatabase } from './database.ts'
import { checkDisk } from './disk.ts'
import type { Finding } from './finding.ts'
import { checkObjectStore } from './object-store.ts'
import { checkOpenFiles } from './open-files.ts'
import { checkStore } from './store.ts'

export type { Finding } from './finding.ts'

/** Runs every check, one after the other; a check that cannot run is a finding, never an error. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const root = config.store.kind === 'filesystem' ? storeRoot(config) : undefined
  const folders = [...new Set([config.dataDir, ...(root === undefined ? [] : [root])])]
  return [
    ...checkConfiguration(config),
    ...(await checkDatabase(config)),
    ...(root === undefined ? await checkObjectStore(config) : await checkStore(root)),
    ...(await checkDisk(folders)),
    ...checkOpenFiles(config),
    ...(await checkCertificates(config)),
  ]
}

/**
 * recovery: backups of everything, and getting a registry back from one, or from a store alone.
 * Owns tables: none.   Enter by: backup, restore, verifyBackup.
 * Uses: config, observability, metadata, content, ledger, jobs, identity, blobs, artifacts.
 * Never: changes a registry that holds anything, takes half a backup for a whole one.
 */
export { type BackupOptions, type BackupResult, backup } from './backup.ts'
export { refuseHalfRestored } from './mark.ts'
export type { Report } from './report.ts'
export { type RestoreOptions, type RestoreResult, restore } from './restore.ts'
export { type Verified, verifyBackup } from './verify-backup.ts'

/**
 * recovery: backups of everything, and getting a registry back from one, or from a store alone.
 * Owns tables: none.   Enter by: backup, restore, verifyBackup, rebuild, scheduleSnapshots.
 * Uses: config, observability, metadata, content, ledger, jobs, identity, blobs, artifacts, scanning.
 * Never: changes a registry that holds anything, takes half a backup for a whole one.
 */
export { type BackupOptions, type BackupResult, backup } from './backup.ts'
export { refuseHalfRestored } from './mark.ts'
export { type RebuildOptions, type RebuildResult, rebuild } from './rebuild.ts'
export type { Report } from './report.ts'
export { type RestoreOptions, type RestoreResult, restore } from './restore.ts'
export { scheduleSnapshots } from './schedule.ts'
export { type Verified, verifyBackup } from './verify-backup.ts'

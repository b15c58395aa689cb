/** What other programs start the registry by. */
export { type Config, ConfigError, type EffectiveSetting, loadConfig, readConfig } from './config/index.ts'
export { diagnose, type Finding } from './diagnose/index.ts'
export {
  type BackupOptions,
  type BackupResult,
  backupRegistry,
  checkBackup,
  type RebuildOptions,
  type RebuildResult,
  type Report,
  type RestoreOptions,
  type RestoreResult,
  rebuildRegistry,
  restoreRegistry,
  type Verified,
} from './recover.ts'
export { migrateDatabase, type RunningServer, startServer } from './serve.ts'

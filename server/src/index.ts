/** What other programs start the registry by. */
export { type Config, ConfigError, type EffectiveSetting, loadConfig, readConfig } from './config/index.ts'
export { diagnose, type Finding } from './diagnose/index.ts'
export { migrateDatabase, type RunningServer, startServer } from './serve.ts'

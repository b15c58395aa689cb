/**
 * observability: logs.
 * Owns tables: none.   Enter by: createLogger.
 * Uses: config.   Never: writes a secret.
 */
export { createLogger, type Logger } from './logger.ts'

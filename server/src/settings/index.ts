/**
 * settings: what administrators change while the registry runs, under Harbor's names.
 * Owns tables: configuration.   Enter by: createSettings, checkSettings, saveSettings, requireWritable.
 * Uses: metadata.   Never: holds what a process needs to start; that is config's.
 */
export { checkSettings } from './check.ts'
export { saveSettings } from './queries.ts'
export { requireWritable } from './read-only.ts'
export { authMode, defaultSettings, type RuntimeSettings } from './runtime-settings.ts'
export { createSettings, type Settings } from './settings.ts'

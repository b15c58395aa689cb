/**
 * config: the settings, from defaults, a YAML file and the environment, read once into one typed value.
 * Owns tables: none.   Enter by: loadConfig, readConfig.
 * Uses: nothing.   Never: shows a secret, opens a socket.
 */
export { isLoopback, type ListenAddress } from './address.ts'
export { type EffectiveSetting, loadConfig, readConfig } from './load.ts'
export { ConfigError, type ConfigProblem } from './problem.ts'
export { renderReference } from './reference.ts'
export type { Config } from './schema.ts'
export { Secret } from './secret.ts'
export { formatVulndbSource, parseVulndbSource, type VulndbSource } from './vulndb-source.ts'

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A file of facts about Harbor, kept beside the checkout in `../shared/contract`; undefined where it is not there, and
 * what needs it is skipped.
 */
export function contractFile(name: string): string | undefined {
  const file = fileURLToPath(new URL(`../../../shared/contract/${name}`, import.meta.url))
  return existsSync(file) ? file : undefined
}

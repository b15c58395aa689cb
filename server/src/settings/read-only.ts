import { RegistryError } from '@breakwater/oci'
import type { Settings } from './settings.ts'

/** Called before everything that changes something for a client. Throws DENIED while the registry is read-only. */
export async function requireWritable(settings: Settings): Promise<void> {
  if (!(await settings.current()).read_only) return
  throw new RegistryError('DENIED', 'The system is in read only mode. Any modification is prohibited.')
}

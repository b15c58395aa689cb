import type { Application, FoundPackage, PackageDatabase } from '../layer-inventory.ts'
import type { OperatingSystem } from '../model.ts'

/** What a file says. */
export interface Facts {
  /** With how early it counts beside other files of its layer. */
  readonly system?: { readonly rank: number; readonly value: OperatingSystem }
  readonly repositoryRelease?: string
  readonly database?: Omit<PackageDatabase, 'path'>
  readonly application?: { readonly type: Application['type']; readonly packages: readonly FoundPackage[] }
  /** Files that the operating system's packages brought. */
  readonly owned?: Iterable<string>
  /** What it is, where it can't be read yet. */
  readonly notCovered?: string
  /** Why it can't be trusted to be whole. */
  readonly partial?: string
}

/** Reads one kind of file, whole. */
export interface Analyzer {
  /** Bytes; a larger file makes the inventory partial. */
  readonly limit: number
  read(content: Buffer, path: string): Facts
}

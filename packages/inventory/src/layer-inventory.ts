import type { OperatingSystem } from './model.ts'

/** Grows when a layer has to be read again, because more of it is understood. */
export const inventoryFormat = 1

/** A package as one layer has it; the image adds its type, its purl and the layer. */
export interface FoundPackage {
  readonly name: string
  readonly version: string
  readonly arch?: string
  readonly sourceName?: string
  readonly sourceVersion?: string
  readonly modularity?: string
  readonly thirdParty?: boolean
}

/** The packages of an operating system, by the file that lists them. */
export interface PackageDatabase {
  readonly path: string
  readonly kind: 'dpkg' | 'apk' | 'rpm'
  readonly packages: readonly FoundPackage[]
}

/** The packages that a language's file names. */
export interface Application {
  readonly path: string
  readonly type: 'node-pkg' | 'python-pkg' | 'gemspec' | 'gobinary'
  readonly packages: readonly FoundPackage[]
}

/** What one layer says, before others are laid over it. Plain JSON. */
export interface LayerInventory {
  readonly format: typeof inventoryFormat
  /** Each file that tells of the operating system, in the order in which they count. */
  readonly systems: readonly OperatingSystem[]
  readonly repositoryRelease?: string
  readonly databases: readonly PackageDatabase[]
  readonly applications: readonly Application[]
  /** Paths that whiteouts take away, and folders that are opaque: what lower layers have there is gone. */
  readonly removed: readonly string[]
  readonly opaque: readonly string[]
  readonly notCovered: readonly { readonly type: string; readonly path: string }[]
  readonly partial: readonly string[]
}

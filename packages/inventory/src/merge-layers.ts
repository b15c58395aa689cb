import type { Application, FoundPackage, LayerInventory, PackageDatabase } from './layer-inventory.ts'
import type { ImageInventory, OperatingSystem, Package } from './model.ts'
import { purlOf } from './purl.ts'

export interface MergedLayer {
  readonly diffId: string
  readonly inventory: LayerInventory
}

/**
 * What an image holds once its layers lie one over the other, the lowest first. Each layer first takes away what its
 * opaque folders and whiteouts name, then adds its own, so a folder that is removed and made anew in one layer stays.
 */
export function mergeLayers(layers: readonly MergedLayer[]): ImageInventory {
  const databases = new Map<string, PackageDatabase>()
  const applications = new Map<string, Application>()
  const notCovered = new Map<string, string>()
  let os: OperatingSystem | undefined
  let repositoryRelease: string | undefined
  for (const { inventory } of layers) {
    const gone = { itself: new Set(inventory.removed), below: new Set([...inventory.removed, ...inventory.opaque]) }
    for (const paths of [databases, applications, notCovered]) clear(paths, gone)
    for (const one of inventory.databases) databases.set(one.path, one)
    for (const one of inventory.applications) applications.set(one.path, one)
    for (const { type, path } of inventory.notCovered) notCovered.set(path, type)
    for (const system of inventory.systems) os = mergeSystem(os, system)
    repositoryRelease = inventory.repositoryRelease ?? repositoryRelease
  }
  const kinds = new Map([...notCovered].map(([path, type]) => [type, path]))
  return {
    os,
    repositoryRelease,
    packages: [...systemPackages(layers, databases, os), ...applicationPackages(layers, applications)],
    notCovered: [...kinds].map(([type, path]) => ({ type, path })),
    partial: [...new Set(layers.flatMap(({ inventory }) => inventory.partial))],
  }
}

/** Looks from each path upwards: layers may take away as many paths as they like. */
function clear(
  paths: Map<string, unknown>,
  gone: { readonly itself: ReadonlySet<string>; readonly below: ReadonlySet<string> },
): void {
  if (gone.below.size === 0) return
  for (const path of paths.keys())
    if (gone.itself.has(path) || foldersOf(path).some((folder) => gone.below.has(folder))) paths.delete(path)
}

/** All that it lies in, the root (an empty name) among them. */
function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, count) => parts.slice(0, count).join('/'))
}

/** The first that is told stays, but what is told of Red Hat and Debian may turn out to be one of their children. */
function mergeSystem(known: OperatingSystem | undefined, told: OperatingSystem): OperatingSystem {
  if (!known || known.family === 'redhat' || known.family === 'debian') {
    return told.name === '' && known ? { ...known, ...(told.extended ? { extended: true } : {}) } : told
  }
  return {
    family: known.family,
    name: known.name || (told.family === known.family ? told.name : ''),
    ...(known.extended || told.extended ? { extended: true } : {}),
  }
}

function* systemPackages(
  layers: readonly MergedLayer[],
  databases: ReadonlyMap<string, PackageDatabase>,
  os: OperatingSystem | undefined,
): Generator<Package> {
  const lowest = new Map<string, string>()
  for (const { diffId, inventory } of layers) {
    for (const { kind, packages } of inventory.databases) {
      for (const one of packages) {
        const key = `${kind} ${one.name} ${one.version}`
        if (!lowest.has(key)) lowest.set(key, diffId)
      }
    }
  }
  const seen = new Set<string>()
  for (const { kind, packages } of databases.values()) {
    for (const one of packages) {
      const key = `${kind} ${one.name} ${one.version}`
      if (seen.has(key)) continue
      seen.add(key)
      const found = { type: os?.family ?? kind, ...one }
      yield { ...found, purl: purlOf(found, kind, os), layer: lowest.get(key) ?? '' }
    }
  }
}

function* applicationPackages(
  layers: readonly MergedLayer[],
  applications: ReadonlyMap<string, Application>,
): Generator<Package> {
  const lowest = new Map<string, string>()
  const keyOf = (path: string, { name, version }: FoundPackage) => `${path} ${name} ${version}`
  for (const { diffId, inventory } of layers) {
    for (const { path, packages } of inventory.applications) {
      for (const one of packages) {
        const key = keyOf(path, one)
        if (!lowest.has(key)) lowest.set(key, diffId)
      }
    }
  }
  for (const { path, type, packages } of applications.values()) {
    for (const one of packages) {
      const found = { type, ...one, path }
      yield { ...found, purl: purlOf(found, type, undefined), layer: lowest.get(keyOf(path, one)) ?? '' }
    }
  }
}

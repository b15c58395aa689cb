import type { Facts } from './analyzers/analyzer.ts'
import { type Application, inventoryFormat, type LayerInventory, type PackageDatabase } from './layer-inventory.ts'
import type { LayerLimits } from './limits.ts'
import type { OperatingSystem } from './model.ts'

/** Of each kind that can't be read, and of reasons for being partial: enough to act on. */
const mostRemarks = 100
const mostRemoved = 200_000
/** Files of an operating system; a large one has half of that. */
const mostOwned = 600_000

/** What is found in a layer while it is read. A path that comes again replaces what it said before, as on unpacking. */
export class Notes {
  readonly #limits: LayerLimits
  readonly #systems = new Map<string, { rank: number; value: OperatingSystem }>()
  readonly #databases = new Map<string, PackageDatabase>()
  readonly #applications = new Map<string, Application>()
  readonly #owned = new Set<string>()
  readonly #removed = new Set<string>()
  readonly #opaque = new Set<string>()
  readonly #notCovered = new Map<string, string>()
  readonly #partial = new Set<string>()
  #repositoryRelease: string | undefined
  #captured = 0
  #packages = 0

  constructor(limits: LayerLimits) {
    this.#limits = limits
  }

  mayCapture(bytes: number): boolean {
    this.#captured += bytes
    return this.#captured <= this.#limits.capturedBytes
  }

  add(path: string, facts: Facts): void {
    if (facts.system) this.#systems.set(path, facts.system)
    if (facts.repositoryRelease) this.#repositoryRelease = facts.repositoryRelease
    for (const file of facts.owned ?? []) this.#own(file)
    if (facts.notCovered) this.notCovered(facts.notCovered, path)
    if (facts.partial) this.partial(`${path}: ${facts.partial}`)
    this.#packages += (facts.database?.packages.length ?? 0) + (facts.application?.packages.length ?? 0)
    if (this.#packages > this.#limits.packages) {
      this.partial(`it has more than ${this.#limits.packages} packages`)
      return
    }
    this.#applications.delete(path)
    if (facts.database) this.#databases.set(path, { path, ...facts.database })
    if (facts.application) this.#applications.set(path, { path, ...facts.application })
  }

  /** Only paths that an application could have: a distribution has hundreds of thousands of files. */
  #own(file: string): void {
    if (this.#owned.size < mostOwned) this.#owned.add(file)
    else this.partial('the files of the operating system are too many')
  }

  removed(path: string): void {
    this.#gone(this.#removed, path)
  }

  opaque(folder: string): void {
    this.#gone(this.#opaque, folder)
  }

  #gone(set: Set<string>, path: string): void {
    if (set.size < mostRemoved) set.add(path)
    else this.partial('it takes away too many files of other layers')
  }

  notCovered(type: string, path: string): void {
    if (!this.#notCovered.has(type)) this.#notCovered.set(type, path)
  }

  partial(reason: string): void {
    if (this.#partial.size < mostRemarks) this.#partial.add(reason)
  }

  inventory(): LayerInventory {
    return {
      format: inventoryFormat,
      systems: [...this.#systems.values()].sort((a, b) => a.rank - b.rank).map(({ value }) => value),
      ...(this.#repositoryRelease ? { repositoryRelease: this.#repositoryRelease } : {}),
      databases: [...this.#databases.values()],
      // What a package of the operating system brought is in its database already.
      applications: [...this.#applications.values()].filter(({ path }) => !this.#owned.has(path)),
      removed: [...this.#removed],
      opaque: [...this.#opaque],
      notCovered: [...this.#notCovered].map(([type, path]) => ({ type, path })),
      partial: [...this.#partial],
    }
  }
}

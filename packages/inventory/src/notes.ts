import type { Facts } from './analyzers/analyzer.ts'
import {
  type Application,
  type FoundPackage,
  inventoryFormat,
  type LayerInventory,
  type PackageDatabase,
} from './layer-inventory.ts'
import type { LayerLimits } from './limits.ts'
import type { OperatingSystem } from './model.ts'

/** Reasons for being partial: enough to act on. */
const mostReasons = 100
/** Files of an operating system, and the characters of their names; a large one has half of that. */
const mostOwned = 500_000
const mostOwnedText = 32 << 20
/** Of a package's name, version and what else is said of it, as JSON; the longest known have some hundred. */
const largestPackage = 4_096

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
  #ownedText = 0
  /** Characters of the inventory so far. */
  #text = 0

  constructor(limits: LayerLimits) {
    this.#limits = limits
  }

  mayCapture(bytes: number): boolean {
    this.#captured += bytes
    return this.#captured <= this.#limits.capturedBytes
  }

  add(path: string, facts: Facts): void {
    if (facts.system && this.#keep(path)) this.#systems.set(path, facts.system)
    if (facts.repositoryRelease) this.#repositoryRelease = facts.repositoryRelease
    if (facts.notCovered) this.notCovered(facts.notCovered, path)
    this.#applications.delete(path)
    if (facts.database && this.#keep(path)) {
      this.#databases.set(path, { ...facts.database, path, packages: this.#take(facts.database.packages) })
    }
    if (facts.application && this.#keep(path)) {
      this.#applications.set(path, { ...facts.application, path, packages: this.#take(facts.application.packages) })
    }
    if (facts.owned) this.#own(facts.owned)
    if (facts.partial) this.partial(`${path}: ${facts.partial}`)
  }

  /** As copies: a name that was cut out of a file's text would keep that text in memory. */
  #take(packages: Iterable<FoundPackage>): FoundPackage[] {
    const taken: FoundPackage[] = []
    for (const one of packages) {
      const text = JSON.stringify(one)
      if (text.length > largestPackage) {
        this.partial('the name or version of a package is too long')
        continue
      }
      this.#packages += 1
      if (this.#packages > this.#limits.packages) this.partial(`it has more than ${this.#limits.packages} packages`)
      if (this.#packages > this.#limits.packages || !this.#keep(text)) break
      taken.push(JSON.parse(text) as FoundPackage)
    }
    return taken
  }

  #own(files: Iterable<string>): void {
    for (const file of files) {
      this.#ownedText += file.length
      if (this.#owned.size >= mostOwned || this.#ownedText > mostOwnedText) {
        this.partial('the files of the operating system are too many')
        return
      }
      this.#owned.add(Buffer.from(file).toString())
    }
  }

  /** Whether there is room for one more text. */
  #keep(text: string): boolean {
    this.#text += text.length + 50
    if (this.#text <= this.#limits.inventoryBytes) return true
    this.partial(`its inventory has more than ${this.#limits.inventoryBytes} bytes`)
    return false
  }

  removed(path: string): void {
    if (!this.#removed.has(path) && this.#keep(path)) this.#removed.add(path)
  }

  opaque(folder: string): void {
    if (!this.#opaque.has(folder) && this.#keep(folder)) this.#opaque.add(folder)
  }

  notCovered(type: string, path: string): void {
    if (!this.#notCovered.has(path) && this.#keep(path)) this.#notCovered.set(path, type)
  }

  partial(reason: string): void {
    if (this.#partial.size < mostReasons) this.#partial.add(reason.slice(0, 1_000))
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
      notCovered: [...this.#notCovered].map(([path, type]) => ({ type, path })),
      partial: [...this.#partial],
    }
  }
}

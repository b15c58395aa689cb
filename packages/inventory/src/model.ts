/** The kinds of package that can be read, by trivy's names: an operating system's family, or a kind of language package. */
export type PackageType = string

/** `family` by trivy's names (`debian`, `alpine`, `alma`, …), `name` the full release (`12.15`, `3.20.1`). */
export interface OperatingSystem {
  readonly family: string
  readonly name: string
  /** Extended support that changes which advisories hold (Ubuntu's ESM). */
  readonly extended?: boolean
}

/** One installed package. */
export interface Package {
  readonly type: PackageType
  readonly name: string
  /** As printed: `[epoch:]version[-release]`; empty where it is not known. */
  readonly version: string
  readonly arch?: string
  /** The source package of an operating system's binary, and its full version. */
  readonly sourceName?: string
  readonly sourceVersion?: string
  /** Of a language package: where it was found, without a leading slash. */
  readonly path?: string
  /** rpm's label of a module stream: `name:stream:version:context`. */
  readonly modularity?: string
  /** Not of the distribution (Docker's, NodeSource's …): listed, and never matched against its advisories. */
  readonly thirdParty?: boolean
  /** Package URL (purl-spec). */
  readonly purl: string
  /** Diff ID of the lowest layer that holds it. */
  readonly layer: string
}

/** What an image holds, after all layers are merged. */
export interface ImageInventory {
  readonly os: OperatingSystem | undefined
  /** The release that an Alpine image's repositories name, where they do (`3.20`, `edge`). */
  readonly repositoryRelease: string | undefined
  readonly packages: readonly Package[]
  /** What was seen and can't be read yet (`jar`, `rust-binary`, `rpm-ndb` …), with one path each. Never "clean". */
  readonly notCovered: readonly { readonly type: string; readonly path: string }[]
  /** Why it may be incomplete: limits that were hit, files that did not parse. Partial is not clean. */
  readonly partial: readonly string[]
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Advisory, openVulnDb } from '../../../packages/vulndb/src/index.ts'
import { outputOf } from '../support/command.ts'

/** A package that the database has advisories of, and every version that they name. */
export interface AdvisedPackage {
  readonly name: string
  readonly versions: readonly string[]
}

/** What the database has advisories of. */
export interface Advisories {
  /** Of a distribution's release. */
  readonly bucket: (name: string) => readonly AdvisedPackage[]
  /** Of a language, from all of its sources. */
  readonly ecosystem: (name: string) => readonly AdvisedPackage[]
}

/** Reads the archive of a database. `folder` is made for it. */
export async function readAdvisories(archive: string, folder: string): Promise<Advisories> {
  mkdirSync(folder)
  await outputOf('tar', ['-C', folder, '-xzf', archive])
  using database = openVulnDb(join(folder, 'trivy.db'))
  const buckets = new Map<string, AdvisedPackage[]>()
  for (const { bucket, name, advisories } of database.allGroups()) {
    const versions = [...new Set(advisories.flatMap(({ value }) => versionsOf(value)))]
    const packages = buckets.get(bucket) ?? []
    packages.push({ name, versions })
    buckets.set(bucket, packages)
  }
  return {
    bucket: (name) => buckets.get(name) ?? [],
    ecosystem: (name) => [...buckets].flatMap(([bucket, packages]) => (bucket.startsWith(`${name}::`) ? packages : [])),
  }
}

/** Versions as they are, and those within ranges such as `>=1.0, <1.2.3`. */
function versionsOf({ FixedVersion, Entries = [], ...ranges }: Advisory): string[] {
  const { VulnerableVersions = [], PatchedVersions = [], UnaffectedVersions = [] } = ranges
  const exact = [FixedVersion, ...Entries.map((entry) => entry.FixedVersion)]
  const within = [...VulnerableVersions, ...PatchedVersions, ...UnaffectedVersions].flatMap((range) =>
    range.split(/[\s,|<>=~^!()[\]]+/),
  )
  return [...exact, ...within].filter((version) => version !== undefined && /\d/.test(version)) as string[]
}

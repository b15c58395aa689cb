import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../support/command.ts'
import { type LayerContent, writeFiles } from './layered-image.ts'

export interface RpmPackage {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly epoch?: number
  /** `name:stream:version:context`. */
  readonly modularity?: string
}

/**
 * A system with these packages in its rpm database, written by the real rpm: the packages are built without content and
 * only recorded. `files` are the system's own, such as `etc/os-release`.
 */
export async function rpmLayer(
  folder: string,
  vendor: string,
  packages: readonly RpmPackage[],
  files: Readonly<Record<string, string>>,
): Promise<LayerContent> {
  const work = `${folder}-build`
  mkdirSync(work)
  writeFiles(folder, files)
  const database = join(folder, 'var', 'lib', 'rpm')
  mkdirSync(database, { recursive: true })
  const macros = ['--define', `_topdir ${work}`, '--define', `_db_backend sqlite`, '--define', 'debug_package %{nil}']
  for (const [index, round] of rounds(packages).entries()) {
    const spec = join(work, `${index}.spec`)
    writeFileSync(spec, specOf(vendor, round))
    await outputOf('rpmbuild', ['-bb', '--quiet', '--target', 'x86_64', ...macros, spec], { timeoutMs: 300_000 })
  }
  const built = globSync(join(work, 'RPMS', '*', '*.rpm')).filter((file) => !file.includes('/story-of-'))
  const install = ['-i', '--justdb', '--nodeps', '--noscripts', '--nosignature', '--ignorearch', '--force']
  await outputOf('rpm', ['--dbpath', database, '--define', '_db_backend sqlite', ...install, ...built], {
    timeoutMs: 300_000,
  })
  return { from: folder }
}

/** With fewer, each is built from a source of its own, as some distributions match by that. */
const mostSources = 40

/** One source package names a binary once, so that versions of one binary are built one after the other. */
function rounds(packages: readonly RpmPackage[]): readonly (readonly RpmPackage[])[] {
  if (packages.length <= mostSources) return packages.map((one) => [one])
  const made: RpmPackage[][] = []
  for (const group of Map.groupBy(packages, ({ name }) => name).values()) {
    for (const [index, one] of group.entries()) {
      const round = made[index] ?? []
      round.push(one)
      made[index] = round
    }
  }
  return made
}

function specOf(vendor: string, packages: readonly RpmPackage[]): string {
  const [only, ...others] = packages
  const common = ['Summary: x', 'License: x', `Vendor: ${vendor}`]
  if (only && others.length === 0) {
    return [`Name: ${only.name}`, ...tagsOf(only), ...common, '%description', 'x', '%files', ''].join('\n')
  }
  // One source package whose binaries each have a version of their own; the source's own binary is not kept.
  const head = ['Name: story-of-rpm', 'Version: 1', 'Release: 1', ...common, '%description', 'x', '%files']
  const parts = packages.map((one) => [
    `%package -n ${one.name}`,
    ...tagsOf(one),
    'Summary: x',
    `%description -n ${one.name}`,
    'x',
    `%files -n ${one.name}`,
  ])
  return [...head, ...parts.flat(), ''].join('\n')
}

function tagsOf({ version, release, epoch, modularity }: RpmPackage): string[] {
  return [
    `Version: ${version}`,
    `Release: ${release}`,
    ...(epoch ? [`Epoch: ${epoch}`] : []),
    ...(modularity ? [`ModularityLabel: ${modularity}`] : []),
  ]
}

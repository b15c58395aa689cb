import { globSync, mkdirSync } from 'node:fs'
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
  writeFiles(work, { 'all.spec': specOf(vendor, packages) })
  const macros = ['--define', `_topdir ${work}`, '--define', `_db_backend sqlite`, '--define', 'debug_package %{nil}']
  await outputOf('rpmbuild', ['-bb', '--quiet', '--target', 'x86_64', ...macros, join(work, 'all.spec')], {
    timeoutMs: 300_000,
  })
  const built = globSync(join(work, 'RPMS', '*', '*.rpm')).filter((file) => !file.includes('/story-of-'))
  const install = ['-i', '--justdb', '--nodeps', '--noscripts', '--nosignature', '--ignorearch', '--force']
  await outputOf('rpm', ['--dbpath', database, '--define', '_db_backend sqlite', ...install, ...built], {
    timeoutMs: 300_000,
  })
  return { from: folder }
}

/** One source package whose binaries each have a version of their own; the source's own binary is not kept. */
function specOf(vendor: string, packages: readonly RpmPackage[]): string {
  const head = ['Name: story-of-rpm', 'Version: 1', 'Release: 1', 'Summary: x', 'License: x', `Vendor: ${vendor}`]
  const parts = packages.map(({ name, version, release, epoch, modularity }) => [
    `%package -n ${name}`,
    `Version: ${version}`,
    `Release: ${release}`,
    ...(epoch ? [`Epoch: ${epoch}`] : []),
    ...(modularity ? [`ModularityLabel: ${modularity}`] : []),
    'Summary: x',
    `%description -n ${name}`,
    'x',
    `%files -n ${name}`,
  ])
  return [...head, '%description', 'x', '%files', ...parts.flat(), ''].join('\n')
}

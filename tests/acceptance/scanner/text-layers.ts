import { type LayerContent, writeFiles } from './layered-image.ts'

/** A package of a system whose database is text; the source's name and version decide what is known of it. */
export interface TextPackage {
  readonly name: string
  readonly version: string
  readonly sourceName?: string
  readonly sourceVersion?: string
}

/** A system with these packages in dpkg's database. `files` are its own, such as `etc/debian_version`. */
export function dpkgLayer(
  folder: string,
  packages: readonly TextPackage[],
  files: Readonly<Record<string, string>>,
): LayerContent {
  const stanzas = packages.map(({ name, version, sourceName, sourceVersion }) => {
    const source = sourceVersion === undefined ? sourceName : `${sourceName} (${sourceVersion})`
    const fields = [
      `Package: ${name}`,
      'Status: install ok installed',
      'Maintainer: Debian <x@lists.debian.org>',
      'Architecture: amd64',
      ...(source === undefined ? [] : [`Source: ${source}`]),
      `Version: ${version}`,
      'Description: x',
    ]
    return `${fields.join('\n')}\n`
  })
  writeFiles(folder, { ...files, 'var/lib/dpkg/status': stanzas.join('\n') })
  return { from: folder }
}

/** A system with these packages in apk's database. */
export function apkLayer(
  folder: string,
  packages: readonly TextPackage[],
  files: Readonly<Record<string, string>>,
): LayerContent {
  const records = packages.map(({ name, version, sourceName }) =>
    [
      `P:${name}`,
      `V:${version}`,
      'A:x86_64',
      ...(sourceName === undefined ? [] : [`o:${sourceName}`]),
      'L:MIT',
      '',
    ].join('\n'),
  )
  writeFiles(folder, { ...files, 'lib/apk/db/installed': `${records.join('\n')}\n` })
  return { from: folder }
}

import { join } from 'node:path'
import type { LayerContent } from './layered-image.ts'
import { type RpmPackage, rpmLayer } from './rpm-layer.ts'
import { apkLayer, dpkgLayer, type TextPackage } from './text-layers.ts'

/** A system of a family that this machine does not run: its own files, and where its advisories are in the database. */
export interface System {
  readonly name: string
  /** The bucket of trivy-db. */
  readonly bucket: string
  readonly database: 'dpkg' | 'apk' | 'rpm'
  /** What rpm packages of the distribution say; others are never matched. */
  readonly vendor?: string
  readonly files: Readonly<Record<string, string>>
}

const osRelease = (id: string, version: string) => ({ 'etc/os-release': `ID="${id}"\nVERSION_ID="${version}"\n` })
const alpine = (release: string) => ({
  'etc/alpine-release': `${release}.2\n`,
  ...osRelease('alpine', `${release}.2`),
  'etc/apk/repositories': `https://mirror.example/alpine/v${release}/main\n`,
})
const ubuntu = (release: string) => ({
  'etc/lsb-release': `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${release}\n`,
  ...osRelease('ubuntu', release),
})
const rpm = (name: string, bucket: string, vendor: string, files: Readonly<Record<string, string>>): System => ({
  name,
  bucket,
  database: 'rpm',
  vendor,
  files,
})

/** Every release of a distribution that the database knows advisories of. */
export const systems: readonly System[] = [
  { name: 'debian-10', bucket: 'debian 10', database: 'dpkg', files: { 'etc/debian_version': '10.13\n' } },
  { name: 'debian-11', bucket: 'debian 11', database: 'dpkg', files: { 'etc/debian_version': '11.6\n' } },
  { name: 'debian-12', bucket: 'debian 12', database: 'dpkg', files: { 'etc/debian_version': '12.1\n' } },
  { name: 'ubuntu-18.04', bucket: 'ubuntu 18.04', database: 'dpkg', files: ubuntu('18.04') },
  { name: 'ubuntu-22.04', bucket: 'ubuntu 22.04', database: 'dpkg', files: ubuntu('22.04') },
  { name: 'alpine-3.9', bucket: 'alpine 3.9', database: 'apk', files: alpine('3.9') },
  { name: 'alpine-3.10', bucket: 'alpine 3.10', database: 'apk', files: alpine('3.10') },
  { name: 'alpine-3.11', bucket: 'alpine 3.11', database: 'apk', files: alpine('3.11') },
  {
    name: 'alpine-edge',
    bucket: 'alpine edge',
    database: 'apk',
    files: { ...alpine('3.16'), 'etc/apk/repositories': 'https://mirror.example/alpine/edge/main\n' },
  },
  rpm('alma-8', 'alma 8', 'AlmaLinux', {
    'etc/almalinux-release': 'AlmaLinux release 8.4 (Electric Cheetah)\n',
    ...osRelease('almalinux', '8.4'),
  }),
  rpm('alma-9', 'alma 9', 'AlmaLinux', {
    'etc/almalinux-release': 'AlmaLinux release 9.1 (Lime Lynx)\n',
    ...osRelease('almalinux', '9.1'),
  }),
  rpm('rocky-8', 'rocky 8', 'Rocky Enterprise Software Foundation', {
    'etc/rocky-release': 'Rocky Linux release 8.5 (Green Obsidian)\n',
    ...osRelease('rocky', '8.5'),
  }),
  rpm('oracle-8', 'Oracle Linux 8', 'Oracle America', {
    'etc/oracle-release': 'Oracle Linux Server release 8.0\n',
    ...osRelease('ol', '8.0'),
  }),
  rpm('amazon-1', 'amazon linux 1', 'Amazon.com', { 'etc/system-release': 'Amazon Linux AMI release 2018.03\n' }),
  rpm('amazon-2', 'amazon linux 2', 'Amazon Linux', { 'etc/system-release': 'Amazon Linux release 2 (Karoo)\n' }),
  rpm('photon-3', 'Photon OS 3.0', 'VMware, Inc.', osRelease('photon', '3.0')),
  rpm('mariner-1', 'CBL-Mariner 1.0', 'Microsoft Corporation', osRelease('mariner', '1.0.20220122')),
  rpm('sles-15-SP3', 'SUSE Linux Enterprise 15-SP3', 'SUSE LLC', osRelease('sles', '15-SP3')),
  rpm('leap-15.1', 'openSUSE Leap 15.1', 'openSUSE', osRelease('opensuse-leap', '15.1')),
  rpm('tumbleweed', 'openSUSE Tumbleweed', 'openSUSE', osRelease('opensuse-tumbleweed', '20240607')),
]

/** The system with these packages installed. Versions are `[epoch:]version[-release]`. */
export function systemLayer(
  folder: string,
  { name, database, vendor = '', files }: System,
  packages: readonly TextPackage[],
): Promise<LayerContent> | LayerContent {
  const root = join(folder, name)
  if (database === 'dpkg') return dpkgLayer(root, packages, files)
  if (database === 'apk') return apkLayer(root, packages, files)
  return rpmLayer(root, vendor, packages.map(rpmPackage), files)
}

function rpmPackage({ name, version }: TextPackage): RpmPackage {
  const [, epoch = '', upstream = '', release = '1'] = /^(?:(\d+):)?([^-]+)(?:-(.+))?$/.exec(version) ?? []
  return { name, version: upstream, release, ...(epoch !== '' && { epoch: Number(epoch) }) }
}

import type { Analyzer } from './analyzer.ts'
import { apkInstalled } from './apk.ts'
import { dpkgFiles, dpkgStatus } from './dpkg.ts'
import { gemspec, nodePackage, pythonMetadata } from './language.ts'
import {
  alpineRelease,
  amazonRelease,
  apkRepositories,
  debianVersion,
  lsbRelease,
  osRelease,
  redHatRelease,
  ubuntuAdvantage,
} from './operating-system.ts'
import { rpmDatabase } from './rpm.ts'

const byPath: Readonly<Record<string, Analyzer>> = {
  'etc/os-release': osRelease,
  'usr/lib/os-release': osRelease,
  'etc/debian_version': debianVersion,
  'etc/lsb-release': lsbRelease,
  'var/lib/ubuntu-advantage/status.json': ubuntuAdvantage,
  'etc/alpine-release': alpineRelease,
  'etc/almalinux-release': redHatRelease,
  'etc/rocky-release': redHatRelease,
  'etc/centos-release': redHatRelease,
  'etc/oracle-release': redHatRelease,
  'etc/fedora-release': redHatRelease,
  'etc/redhat-release': redHatRelease,
  'etc/system-release': amazonRelease,
  'usr/lib/system-release': amazonRelease,
  'etc/apk/repositories': apkRepositories,
  'var/lib/dpkg/status': dpkgStatus,
  'lib/apk/db/installed': apkInstalled,
  'usr/lib/apk/db/installed': apkInstalled,
  'var/lib/rpm/rpmdb.sqlite': rpmDatabase,
  'usr/lib/sysimage/rpm/rpmdb.sqlite': rpmDatabase,
}

const byPattern: readonly (readonly [RegExp, Analyzer])[] = [
  [/(?:^|\/)package\.json$/, nodePackage],
  [/\.dist-info\/METADATA$/, pythonMetadata],
  [/(?:\.egg-info|\/EGG-INFO\/PKG-INFO|\.egg-info\/PKG-INFO)$/, pythonMetadata],
  [/(?:^|\/)specifications\/.+\.gemspec$/, gemspec],
  [/^var\/lib\/dpkg\/status\.d\/[^/]+(?<!\.md5sums)$/, dpkgStatus],
  [/^var\/lib\/dpkg\/info\/[^/]+\.md5sums$/, dpkgFiles],
  [/^var\/lib\/dpkg\/status\.d\/[^/]+\.md5sums$/, dpkgFiles],
]

/** Kinds of file that hold packages and can't be read so far. */
const unread: readonly (readonly [RegExp, string])[] = [
  [/^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/Packages$/, 'rpm-bdb'],
  [/^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/Packages\.db$/, 'rpm-ndb'],
  [/\.[jwep]ar$/i, 'jar'],
  [/\.egg$/, 'python-egg'],
  [/(?:^|\/)vendor\/composer\/installed\.json$/, 'composer-vendor'],
  [/(?:^|\/)conda-meta\/[^/]+\.json$/, 'conda-pkg'],
  [/\.deps\.json$/, 'dotnet-core'],
  [/(?:^|\/)Cargo\.lock$/, 'cargo'],
  [/(?:^|\/)packages\.lock\.json$/, 'nuget'],
  [/(?:^|\/)packages\.config$/, 'nuget-config'],
  [/Packages\.props$/i, 'packages-props'],
  [/(?:^|\/)(?:Julia)?Manifest\.toml$/, 'julia'],
  [/\.(?:spdx|cdx)(?:\.json)?$/, 'sbom'],
]

/** Who reads the file at this path whole; undefined for most. */
export function analyzerFor(path: string): Analyzer | undefined {
  if (Object.hasOwn(byPath, path)) return byPath[path]
  return byPattern.find(([pattern]) => pattern.test(path))?.[1]
}

/** The kind of packages in a file that can't be read, told by its path. */
export function unreadKind(path: string): string | undefined {
  return unread.find(([pattern]) => pattern.test(path))?.[1]
}

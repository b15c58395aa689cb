import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandResult, outputOf, runCommand } from '../support/command.ts'
import { line, type Said } from './findings.ts'

interface Package {
  readonly Name: string
  readonly Version?: string
  readonly Release?: string
  readonly Epoch?: number
  readonly Arch?: string
  readonly SrcName?: string
  readonly SrcVersion?: string
  readonly SrcRelease?: string
  readonly SrcEpoch?: number
  readonly FilePath?: string
  readonly Identifier?: { readonly PURL?: string }
  readonly Layer?: { readonly DiffID?: string }
}

interface Vulnerability {
  readonly VulnerabilityID: string
  readonly PkgName: string
  readonly PkgPath?: string
  readonly InstalledVersion?: string
  readonly FixedVersion?: string
  readonly Status?: string
  readonly Severity?: string
  readonly SeveritySource?: string
  readonly DataSource?: { readonly ID?: string }
  readonly VendorIDs?: readonly string[]
}

interface Result {
  readonly Target: string
  readonly Type: string
  readonly Packages?: readonly Package[]
  readonly Vulnerabilities?: readonly Vulnerability[]
}

const quietly = ['--skip-version-check', '--disable-telemetry', '--quiet']
const withoutNetwork = ['--skip-db-update', '--skip-java-db-update', '--offline-scan', ...quietly]

/** The real trivy with a vulnerability database of ours, and no network. */
export interface Trivy {
  /** Where its database and scan cache are. */
  readonly cacheFolder: string
  /** Every package and finding of an image layout. */
  readonly scan: (layout: string) => Promise<Said>
  /** `trivy image` as a person runs it, with further options. */
  readonly image: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<CommandResult>
}

/** Unpacks the database, the layer of a `trivy-db:2` artifact, where trivy keeps its own. */
export async function createTrivy(cacheFolder: string, databaseArchive: string): Promise<Trivy> {
  mkdirSync(join(cacheFolder, 'db'), { recursive: true })
  await outputOf('tar', ['-C', join(cacheFolder, 'db'), '-xzf', databaseArchive])
  const cache = ['--cache-dir', cacheFolder]
  return {
    cacheFolder,
    async scan(layout) {
      const all = ['--scanners', 'vuln', '--list-all-pkgs', '--format', 'json', '--input', layout]
      const output = await outputOf('trivy', ['image', ...cache, ...withoutNetwork, ...all])
      return said((JSON.parse(output) as { Results?: readonly Result[] }).Results ?? [])
    },
    image: (args, env = {}) => runCommand('trivy', ['image', ...cache, ...withoutNetwork, ...args], { env }),
  }
}

function said(results: readonly Result[]): Said {
  return {
    packages: results.flatMap(({ Type, Target, Packages = [] }) =>
      Packages.map((one) => packageLine(Type, Target, one)),
    ),
    findings: results.flatMap(({ Type, Target, Vulnerabilities = [] }) =>
      Vulnerabilities.map((one) =>
        line(
          Type,
          one.PkgName,
          one.InstalledVersion,
          one.PkgPath ?? pathOf(Type, Target),
          one.VulnerabilityID,
          one.FixedVersion,
          one.Status,
          one.Severity,
          one.SeveritySource,
          one.DataSource?.ID,
          one.VendorIDs?.join(','),
        ),
      ),
    ),
  }
}

function packageLine(type: string, target: string, one: Package): string {
  const version = full(one.Epoch, one.Version, one.Release)
  const source = full(one.SrcEpoch, one.SrcVersion, one.SrcRelease)
  const path = one.FilePath ?? pathOf(type, target)
  return line(type, one.Name, version, one.Arch, one.SrcName, source, path, one.Identifier?.PURL, one.Layer?.DiffID)
}

/** `[epoch:]version[-release]`; trivy keeps the three apart. */
function full(epoch: number | undefined, version = '', release = ''): string {
  return `${epoch ? `${epoch}:` : ''}${version}${release === '' ? '' : `-${release}`}`
}

/** Of packages that are listed for a file, such as the modules of a Go program, the file is the target's name. */
function pathOf(type: string, target: string): string {
  return ['gobinary', 'rustbinary', 'cargo', 'composer-vendor'].includes(type) ? target : ''
}

import { runBreakwater } from '../support/breakwater-command.ts'
import { line, type Said } from './findings.ts'

/** The members of the JSON report that are compared (docs/reference/cli.md). */
export interface Report {
  readonly inventory?: readonly {
    readonly type: string
    readonly name: string
    readonly version: string
    readonly arch: string
    readonly sourceName: string
    readonly sourceVersion: string
    readonly path: string
    readonly purl: string
    readonly layer: string
  }[]
  readonly findings: readonly {
    readonly id: string
    readonly type: string
    readonly package: string
    readonly installedVersion: string
    readonly path: string
    readonly fixedVersion: string
    readonly status: string
    readonly severity: string
    readonly severitySource: string
    readonly dataSource: string
    readonly vendorIds: readonly string[]
  }[]
  readonly notCovered: readonly { readonly type: string; readonly path: string }[]
  readonly partial: readonly string[]
}

/** Every package and finding of an image, and what was not read. Throws when the scan fails. */
export async function scanReport(image: string, database: string, cache: string): Promise<Report> {
  const args = [image, '--db', `file:${database}`, '--cache-dir', cache, '--list-packages', '--format', 'json']
  const { status, stdout, text } = await runBreakwater(['scan', ...args])
  if (status !== 0) throw new Error(`breakwater scan ${image} ended with ${status}: ${text}`)
  return JSON.parse(stdout) as Report
}

export function said({ inventory = [], findings }: Report): Said {
  return {
    packages: inventory.map((one) =>
      line(one.type, one.name, one.version, one.arch, one.sourceName, one.sourceVersion, one.path, one.purl, one.layer),
    ),
    findings: findings.map((one) =>
      line(
        one.type,
        one.package,
        one.installedVersion,
        one.path,
        one.id,
        one.fixedVersion,
        one.status,
        one.severity,
        one.severitySource,
        one.dataSource,
        one.vendorIds.join(','),
      ),
    ),
  }
}

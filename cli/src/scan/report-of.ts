import type { ImageInventory, Package } from '@breakwater/inventory'
import { type AdvisorySource, type CoverageGap, type Finding, matchInventory, uncoveredOf } from '@breakwater/vulndb'
import type { ImageSource } from './image.ts'
import type { InventoryPackage, ReportedDatabase, ReportedFinding, ScanReport } from './report.ts'

const reasons: Readonly<Record<CoverageGap, string>> = {
  unsupported: 'nothing is known of this kind of package',
  'no-advisories': 'the database has no advisories of it',
}

/** What the packages of an image are known for, in the database at hand. */
export function reportOf(
  image: ImageSource,
  inventory: ImageInventory,
  database: ReportedDatabase,
  advisories: AdvisorySource,
): ScanReport {
  const { name, digest, imageId, config } = image
  const platform = config.os && config.architecture ? `${config.os}/${config.architecture}` : undefined
  const { os, packages, notCovered, partial } = inventory
  return {
    image: { name, ...(digest && { digest }), id: imageId, ...(platform && { platform }) },
    os: os && `${os.family} ${os.name}`.trim(),
    database,
    inventory: packages.map(inventoryPackage),
    findings: matchInventory(inventory, advisories).map(reportedFinding),
    notCovered,
    notMatched: uncoveredOf(inventory, advisories.buckets()).map(({ what, gap }) => ({ what, why: reasons[gap] })),
    partial,
  }
}

function inventoryPackage(one: Package): InventoryPackage {
  const { type, name, version, arch = '', sourceName = '', sourceVersion = '', path = '', purl, layer } = one
  return { type, name, version, arch, sourceName, sourceVersion, path, purl, layer }
}

function reportedFinding(finding: Finding): ReportedFinding {
  const { package: one, id, severity, severitySource, status, fixedVersion, title, dataSource, vendorIds } = finding
  return {
    id,
    severity,
    severitySource,
    status,
    type: one.type,
    package: one.name,
    installedVersion: one.version,
    fixedVersion,
    path: one.path ?? '',
    purl: one.purl,
    layer: one.layer,
    title,
    url: finding.references[0] ?? '',
    dataSource,
    vendorIds,
  }
}

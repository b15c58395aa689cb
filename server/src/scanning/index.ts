/**
 * scanning: what manifests hold: their class by content, the packages of images, and which of those are vulnerable.
 * Owns tables: layer, layer_inventory, scan, scan_summary, scan_all, scan_all_schedule.
 * Enter by: createScanner, requestScan, evidenceOf, reportOn, prepareSummaries, completeSummaries.
 * Uses: metadata, content, ledger, jobs, vulndb.   Never: decides whether anything may be pulled, opens a layer in the server's own process.
 */
export { evidenceOf } from './evidence.ts'
export { findResult, findScans, type Scan, type ScanResult } from './queries.ts'
export { type ReportedFinding, reportOn, type VulnerabilityReport } from './report.ts'
export { requestMissing, requestScan, stopScan } from './request.ts'
export type { PackageFinding, ScanEvidence } from './scan.ts'
export { createScanner } from './scanner.ts'
export { type Summary, severityName } from './summary.ts'
export { glanceAtScans, type ScanGlance } from './summary-queries.ts'
export { completeSummaries, prepareSummaries } from './summary-update.ts'
export { scheduleSweep, startSweep, stopSweep, sweepProgress } from './sweep.ts'
export { findSweepSchedule, lastSweep } from './sweep-queries.ts'

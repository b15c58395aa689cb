import { type Descriptor, type ImageManifest, parseStrictJson } from '@breakwater/oci'
import type { ReadingPool } from '../reading/pool.ts'
import { type Blobs, sourceOf } from './blob.ts'
import { documentLimit, isIdleConfig, provenanceType } from './document.ts'

const helm = {
  config: 'application/vnd.cncf.helm.config.v1+json',
  chart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
} as const

/** Layers of the databases that trivy reads. */
const databaseLayers = [
  'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip',
  'application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip',
]

/** Of evidence and data; in bytes (gate.md G1). */
const largestConfig = 64 << 10

export interface ContentReads {
  readonly store: Blobs
  readonly pool: ReadingPool
}

/**
 * What does not run. Declared types choose the check and the content has to pass it, so nothing is gained by a wrong type:
 * what passes no check is read as an image. Undefined for all that might run.
 */
export async function classifyContent(
  reads: ContentReads,
  manifest: ImageManifest,
  config: Buffer | undefined,
): Promise<'evidence' | 'data' | undefined> {
  const { layers } = manifest
  if (layers.length === 0 || !config || config.length > largestConfig) return undefined
  if (manifest.config.mediaType === helm.config)
    return (await isChartArtifact(reads, layers, config)) ? 'data' : undefined
  if (!isIdleConfig(config)) return undefined
  const [first, ...more] = layers
  if (first && more.length === 0 && databaseLayers.includes(first.mediaType)) {
    return (await reads.pool.read({ kind: 'database' }, sourceOf(reads.store, first))) ? 'data' : undefined
  }
  return (await areDocuments(reads, layers)) ? 'evidence' : undefined
}

async function areDocuments({ store, pool }: ContentReads, layers: readonly Descriptor[]): Promise<boolean> {
  // First all sizes: nothing is read of what can't be evidence.
  if (!layers.every(({ mediaType, size }) => size <= (documentLimit(mediaType) ?? -1))) return false
  for (const layer of layers) {
    const { mediaType } = layer
    if (!(await pool.read({ kind: 'document', mediaType }, sourceOf(store, layer)))) return false
  }
  return true
}

async function isChartArtifact(reads: ContentReads, layers: readonly Descriptor[], config: Buffer): Promise<boolean> {
  const name = chartName(config)
  const charts = layers.filter(({ mediaType }) => mediaType === helm.chart)
  const others = layers.filter(({ mediaType }) => mediaType !== helm.chart)
  const [chart] = charts
  if (name === undefined || !chart || charts.length > 1) return false
  if (others.some(({ mediaType }) => mediaType !== provenanceType)) return false
  if (!(await areDocuments(reads, others))) return false
  return reads.pool.read({ kind: 'chart', name }, sourceOf(reads.store, chart))
}

/** The name in a chart's metadata; undefined where the config is not that. */
function chartName(config: Buffer): string | undefined {
  try {
    const metadata = parseStrictJson(config, { noun: 'chart metadata' })
    if (typeof metadata !== 'object' || metadata === null || !('name' in metadata)) return undefined
    const { name, version, apiVersion } = metadata
    const known = typeof version === 'string' && (apiVersion === 'v1' || apiVersion === 'v2')
    return known && typeof name === 'string' && /^[\w.-]+$/.test(name) && !/^\.+$/.test(name) ? name : undefined
  } catch {
    return undefined
  }
}

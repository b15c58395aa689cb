import { parseStrictJson } from '@breakwater/oci'
import { type ArchiveEntry, NotThis, readArchive } from './archive.ts'

/** A chart is text, and Helm itself refuses larger ones. */
const chartLimits = { bytes: 100 << 20, entries: 10_000 }

/**
 * Whether the bytes are a Helm chart (helm.sh/docs/topics/charts): one folder that has the chart's name and a Chart.yaml,
 * and no program in it.
 */
export async function isChart(name: string, bytes: AsyncIterable<Buffer>): Promise<boolean> {
  const entries = await entriesOf(bytes, chartLimits, () => 2)
  if (!entries) return false
  const within = ({ name: path, type }: ArchiveEntry) =>
    path.startsWith(`${name}/`) ? !path.split('/').includes('..') : type === 'directory' && path === name
  return entries.every(within) && entries.some((entry) => entry.name === `${name}/Chart.yaml` && entry.type === 'file')
}

const databaseLimits = { bytes: 8 * 2 ** 30, entries: 4 }
const largestMetadata = 64 << 10

/** Beginnings of the databases by their names in trivy's archives. */
const databases: Readonly<Record<string, (head: Buffer) => boolean>> = {
  'trivy.db': isBolt,
  'trivy-java.db': (head) => head.subarray(0, 16).toString('latin1') === 'SQLite format 3\0',
}

/** Whether the bytes are a vulnerability database as trivy publishes it: the database, its metadata, and nothing else. */
export async function isDatabaseArchive(bytes: AsyncIterable<Buffer>): Promise<boolean> {
  const entries = await entriesOf(bytes, databaseLimits, (name) => (name.endsWith('.json') ? largestMetadata + 1 : 64))
  if (entries?.length !== 2 || entries.some(({ type }) => type !== 'file')) return false
  const metadata = entries.find(({ name }) => plain(name) === 'metadata.json')
  const database = entries.find(({ name }) => Object.hasOwn(databases, plain(name)))
  if (!metadata || !database) return false
  return databases[plain(database.name)]?.(database.head) === true && isMetadata(metadata)
}

function plain(name: string): string {
  return name.replace(/^\.\//, '')
}

/** The meta page of a BoltDB file: its magic number and version. */
function isBolt(head: Buffer): boolean {
  return head.length >= 24 && head.readUInt32LE(16) === 0xed0cdaed && head.readUInt32LE(20) === 2
}

function isMetadata({ head, size }: ArchiveEntry): boolean {
  if (size > largestMetadata) return false
  try {
    const value = parseStrictJson(head)
    return typeof value === 'object' && value !== null && 'Version' in value && typeof value['Version'] === 'number'
  } catch {
    return false
  }
}

async function entriesOf(...read: Parameters<typeof readArchive>): Promise<ArchiveEntry[] | undefined> {
  try {
    return await readArchive(...read)
  } catch (error) {
    if (error instanceof NotThis) return undefined
    throw error
  }
}

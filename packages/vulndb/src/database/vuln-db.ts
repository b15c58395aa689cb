import { type BoltBucket, type BoltEntry, BoltFile, type Visits } from '../bolt/bolt-file.ts'
import { VulndbError } from '../error.ts'
import { openFileAccess } from '../file-access.ts'
import { limits } from '../limits.ts'
import type { AdvisorySource } from '../match/model.ts'
import type { RandomAccess } from '../random-access.ts'
import { keyText, parseJson } from './field.ts'
import { readAdvisory, readCpeRecord, readDataSource, readVulnerability } from './read-record.ts'
import type { Advisory, AdvisoryGroup, DataSource, Vulnerability } from './record.ts'

const vulnerabilityBucket = 'vulnerability'
const dataSourceBucket = 'data-source'
const cpeBucket = 'Red Hat CPE'
/** What is no bucket of advisories: the details, and what the builder left of its own work. */
const otherBuckets = new Set([
  vulnerabilityBucket,
  dataSourceBucket,
  'trivy',
  'advisory-detail',
  'vulnerability-detail',
  'vulnerability-id',
])

/**
 * A vulnerability database in trivy-db's format, read as it is asked. Whatever is wrong with it becomes a VulndbError,
 * when it is opened or when the wrong place is read.
 */
export class VulnDb implements AdvisorySource, Disposable {
  private readonly file: BoltFile
  private readonly close: () => void
  private names: readonly string[] | undefined

  constructor(access: RandomAccess, close: () => void = () => undefined) {
    this.file = new BoltFile(access)
    this.close = close
  }

  /** Every group of every bucket of advisories, in byte order of bucket and name. */
  *allGroups(): Generator<AdvisoryGroup> {
    const visits = this.file.visits()
    for (const { key, bucket } of this.file.root().entries(visits)) {
      const name = keyText(key, 'the root')
      if (otherBuckets.has(name)) continue
      for (const entry of required(bucket, name).entries(visits)) yield readGroup(name, entry, visits)
    }
  }

  /** Every vulnerability with details, in byte order of IDs. */
  *allVulnerabilities(): Generator<{ readonly id: string; readonly value: Vulnerability }> {
    for (const { key, value } of this.top(vulnerabilityBucket)?.entries() ?? []) {
      const id = keyText(key, vulnerabilityBucket)
      yield { id, value: readVulnerability(parseJson(value, id)) }
    }
  }

  /** Who is behind each bucket, where the database says so. */
  *allDataSources(): Generator<{ readonly bucket: string; readonly value: DataSource }> {
    for (const { key, value } of this.top(dataSourceBucket)?.entries() ?? []) {
      const bucket = keyText(key, dataSourceBucket)
      yield { bucket, value: readDataSource(parseJson(value, `${dataSourceBucket} > ${bucket}`)) }
    }
  }

  buckets(): readonly string[] {
    this.names ??= [...this.file.root().entries()]
      .map(({ key }) => keyText(key, 'the root'))
      .filter((name) => !otherBuckets.has(name))
    return this.names
  }

  groups(bucket: string, name: string): readonly AdvisoryGroup[] {
    const chosen = bucket.endsWith('::') ? this.buckets().filter((one) => one.startsWith(bucket)) : [bucket]
    return chosen.flatMap((one) => {
      if (otherBuckets.has(one) || name === '') return []
      const entry = this.top(one)?.get(Buffer.from(name))
      return entry === undefined ? [] : [readGroup(one, entry, this.file.visits())]
    })
  }

  vulnerability(id: string): Vulnerability | undefined {
    const found = this.top(vulnerabilityBucket)?.get(Buffer.from(id))
    return found && readVulnerability(parseJson(found.value, id))
  }

  dataSource(bucket: string): DataSource | undefined {
    const found = this.top(dataSourceBucket)?.get(Buffer.from(bucket))
    return found && readDataSource(parseJson(found.value, `${dataSourceBucket} > ${bucket}`))
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private top(name: string): BoltBucket | undefined {
    return this.file.root().bucket(Buffer.from(name))
  }
}

/** Opens `trivy.db`; dispose it to close the file. Throws VulndbError, or what the system says of the path. */
export function openVulnDb(path: string): VulnDb {
  const access = openFileAccess(path)
  try {
    return new VulnDb(access, () => access[Symbol.dispose]())
  } catch (error) {
    access[Symbol.dispose]()
    throw error
  }
}

function readGroup(bucket: string, entry: BoltEntry, visits: Visits): AdvisoryGroup {
  const name = keyText(entry.key, bucket)
  const place = `${bucket} > ${name}`
  const advisories: AdvisoryGroup['advisories'][number][] = []
  let bytes = 0
  for (const { key, value } of required(entry.bucket, place).entries(visits)) {
    bytes += value.length
    if (bytes > limits.groupBytes)
      throw new VulndbError('too-large', `${place} has more than ${limits.groupBytes} bytes`)
    const id = keyText(key, place)
    advisories.push({ id, value: readValue(value, `${place} > ${id}`, bucket) })
  }
  return { bucket, name, advisories }
}

function readValue(value: Buffer, place: string, bucket: string): Advisory {
  return bucket === cpeBucket ? readCpeRecord(value, place) : readAdvisory(parseJson(value, place))
}

function required(bucket: BoltBucket | undefined, place: string): BoltBucket {
  if (bucket === undefined) throw new VulndbError('content', `${place} is a value, not a bucket`)
  return bucket
}

import type { AdvisoryGroup, DataSource, Vulnerability } from '@breakwater/vulndb'
import type { Db, Tx } from '../metadata/index.ts'

export async function findGroups(
  db: Db,
  generation: number,
  wanted: readonly { readonly bucket: string; readonly name: string }[],
): Promise<AdvisoryGroup[]> {
  const { rows } = await db.query<AdvisoryGroup>({
    name: 'vulndb-groups',
    text: `select g.bucket, g.name, g.advisories
           from unnest($2::text[], $3::text[]) as wanted (bucket, name)
             join advisory_group g on g.generation = $1 and g.bucket = wanted.bucket collate "C"
               and g.name = wanted.name collate "C"`,
    values: [generation, wanted.map(({ bucket }) => bucket), wanted.map(({ name }) => name)],
  })
  return rows
}

export async function findVulnerabilities(
  db: Db,
  generation: number,
  ids: readonly string[],
): Promise<Map<string, Vulnerability>> {
  const { rows } = await db.query<{ id: string; detail: Vulnerability }>({
    name: 'vulndb-vulnerabilities',
    text: 'select id, detail from vulnerability where generation = $1 and id = any($2)',
    values: [generation, ids],
  })
  return new Map(rows.map(({ id, detail }) => [id, detail]))
}

/** The little of vulnerabilities that findings show: a tenth of what there is to read about them. */
export async function findHeadlines(
  db: Db,
  generation: number,
  ids: readonly string[],
): Promise<Map<string, Vulnerability>> {
  const { rows } = await db.query<{ id: string; detail: Vulnerability }>({
    name: 'vulndb-headlines',
    text: `select id, jsonb_strip_nulls(jsonb_build_object('Title', detail -> 'Title', 'Severity', detail -> 'Severity',
             'VendorSeverity', detail -> 'VendorSeverity')) as detail
           from vulnerability where generation = $1 and id = any($2)`,
    values: [generation, ids],
  })
  return new Map(rows.map(({ id, detail }) => [id, detail]))
}

/** By bucket. */
export async function findDataSources(db: Db, generation: number): Promise<Map<string, DataSource>> {
  const { rows } = await db.query<{ bucket: string; value: DataSource }>(
    'select bucket, value from data_source where generation = $1',
    [generation],
  )
  return new Map(rows.map(({ bucket, value }) => [bucket, value]))
}

export async function insertDataSources(
  tx: Tx,
  generation: number,
  sources: readonly { readonly bucket: string; readonly value: DataSource }[],
): Promise<void> {
  await tx.query(
    `insert into data_source (generation, bucket, value)
     select $1, bucket, value from unnest($2::text[], $3::jsonb[]) as given (bucket, value)`,
    [generation, sources.map(({ bucket }) => bucket), sources.map(({ value }) => JSON.stringify(value))],
  )
}

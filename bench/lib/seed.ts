import type pg from 'pg'

/** Seeded blobs are rows only: reading all blobs again would be busy finding every one of them missing. */
export const seededOptions = { settings: { BREAKWATER_SCRUB_ENABLED: 'false' } }

/** Artifacts of one repository; the last one may have fewer. */
const artifactsPerRepository = 100
const batch = 50_000

const repositoryName = `format('seeded/r%s', lpad((n / ${artifactsPerRepository})::text, 6, '0'))`

/** Content first: the digests are real, so that whoever reads a seeded manifest can verify it. Blobs are rows only. */
const makeContent = `
  create temp table seed on commit drop as
  with numbered as (
    select n, ${repositoryName} repository, sha256(convert_to('config ' || n, 'UTF8')) config,
      sha256(convert_to('layer ' || n / ${artifactsPerRepository}, 'UTF8')) layer
    from generate_series($1::int, $2::int) n
  ), written as (
    select *, convert_to(format(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",'
      '"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":1024},'
      '"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":1048576}],'
      '"annotations":{"org.opencontainers.image.version":"%s"}}',
      encode(config, 'hex'), encode(layer, 'hex'), lpad(n::text, 10, '0')), 'UTF8') bytes
    from numbered
  )
  select *, sha256(bytes) digest from written`

const copyRows = [
  `insert into repository (project_id, name)
   select distinct p.id, s.repository from seed s, project p where p.name = 'library' and p.deleted_at is null
   on conflict do nothing`,
  `alter table seed add column repository_id bigint`,
  `update seed s set repository_id = r.id from repository r join project p on p.id = r.project_id
   where p.name = 'library' and p.deleted_at is null and r.name = s.repository`,
  `insert into blob (digest, size)
   select config, 1024 from seed union all select distinct layer, 1048576 from seed on conflict do nothing`,
  `insert into repository_blob (repository_id, digest)
   select repository_id, config from seed union all select distinct repository_id, layer from seed
   on conflict do nothing`,
  `insert into manifest (digest, media_type, config_digest, annotations, size, bytes, kind, extra_attrs, total_size)
   select digest, 'application/vnd.oci.image.manifest.v1+json', config,
     jsonb_build_object('org.opencontainers.image.version', lpad(n::text, 10, '0')), length(bytes), bytes,
     'IMAGE', '{"os":"linux","architecture":"amd64"}', length(bytes) + 1024 + 1048576
   from seed on conflict do nothing`,
  `insert into manifest_blob (manifest, blob) select digest, config from seed union all select digest, layer from seed
   on conflict do nothing`,
  `insert into repository_manifest (repository_id, digest, media_type, size, pushed_by)
   select repository_id, digest, 'application/vnd.oci.image.manifest.v1+json', length(bytes), 'user:admin' from seed
   on conflict do nothing`,
  `insert into tag (repository_id, name, digest) select repository_id, 'v' || n, digest from seed
   on conflict do nothing`,
]

/**
 * Writes `count` artifacts straight into the tables: tagged `v<n>` in `library/seeded/r<n / 100>`, numbers from 0.
 * Running it again with a larger count adds what is missing. Ends with statistics and a checkpoint, so that the
 * database is not still busy with it.
 */
export async function seedArtifacts(
  client: pg.Client,
  count: number,
  progress: (made: number) => void = () => undefined,
): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const until = Math.min(from + batch, count)
    await client.query('begin')
    await client.query(makeContent, [from, until - 1])
    for (const statement of copyRows) await client.query(statement)
    await client.query('commit')
    progress(until)
  }
  await client.query('vacuum (analyze)')
  await client.query('checkpoint')
}

/** Links the first `count` seeded artifacts, with a tag each, in one more repository of `library`. */
export async function seedRepository(client: pg.Client, name: string, count: number): Promise<void> {
  await client.query('begin')
  await client.query(`insert into repository (project_id, name) values (1, $1)`, [name])
  await client.query(
    `insert into repository_manifest (repository_id, digest, media_type, size, pushed_by, pushed_at)
     select r.id, m.digest, m.media_type, m.size, 'user:admin', now() - row_number() over () * interval '1 second'
     from repository r, (select digest, media_type, size from manifest order by digest limit $2) m where r.name = $1`,
    [name, count],
  )
  await client.query(
    `insert into tag (repository_id, name, digest)
     select m.repository_id, 'v' || row_number() over (), m.digest
     from repository_manifest m join repository r on r.id = m.repository_id where r.name = $1`,
    [name],
  )
  await client.query('commit')
  await client.query('vacuum (analyze)')
}

/** Projects `p000001` …; every tenth is public, and the user is a developer in every thousandth. */
export async function seedProjects(client: pg.Client, count: number, userId: number): Promise<void> {
  await client.query(
    `insert into project (name, public, owner_id)
     select 'p' || lpad(n::text, 6, '0'), n % 10 = 0, 1 from generate_series(1, $1::int) n`,
    [count],
  )
  await client.query(
    `insert into member (project_id, user_id, role_id)
     select id, 1, 1 from project where name ~ '^p[0-9]{6}$'
     union all select id, $1, 2 from project where name ~ '^p[0-9]{3}001$'`,
    [userId],
  )
  await client.query('vacuum (analyze)')
}

/** Full repository name and digest (`sha256:…`) of every artifact in `repositories` of the first `count`, evenly spread. */
export async function sampleArtifacts(
  client: pg.Client,
  count: number,
  repositories: number,
): Promise<{ readonly repository: string; readonly digest: string }[]> {
  const step = Math.floor(count / artifactsPerRepository / repositories)
  const chosen = Array.from({ length: repositories }, (_, index) => `seeded/r${String(index * step).padStart(6, '0')}`)
  const { rows } = await client.query<{ repository: string; digest: string }>(
    `select 'library/' || r.name as repository, 'sha256:' || encode(m.digest, 'hex') as digest
     from repository r join repository_manifest m on m.repository_id = r.id
     where r.name = any($1) order by m.digest`,
    [chosen],
  )
  return rows
}

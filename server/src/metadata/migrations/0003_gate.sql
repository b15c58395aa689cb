-- vulnerability database -----------------------------------------------------------------------------------

-- A generation is written beside the one in use; one row flips when it is whole.
create table vulndb_generation (
  id bigint generated always as identity primary key,
  digest text not null, -- of the artifact or file that it came from
  source text not null, -- oci:REF or file:PATH
  built_at timestamptz not null, -- by its builder: what its age counts from
  next_update timestamptz,
  imported_at timestamptz not null default now(),
  retired_at timestamptz,
  state text not null check (state in ('importing', 'current', 'retired')),
  counts jsonb not null default '{}' -- advisories by bucket
);
create unique index vulndb_generation_current on vulndb_generation ((true)) where state = 'current';

-- What was asked for, and what came of it.
create table vulndb_import (
  id bigint generated always as identity primary key,
  source text, -- null: those of the configuration, in their order
  force boolean not null,
  cause text not null check (cause in ('refresh', 'push', 'request', 'upload')),
  actor jsonb not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'running', 'done', 'unchanged', 'refused', 'failed')),
  stage text, -- while it runs
  stage_done bigint, -- bytes or rows
  stage_total bigint,
  generation bigint references vulndb_generation on delete set null,
  message text, -- why it was refused or failed
  requested_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index vulndb_import_unfinished on vulndb_import (id) where state in ('waiting', 'running');

create table advisory_group (
  generation bigint not null,
  bucket text collate "C" not null, -- `debian 12`, `npm::…`
  name text collate "C" not null, -- of the package, as looked up
  advisories jsonb not null, -- [{id, value}], in the order of ids
  primary key (generation, bucket, name)
) partition by list (generation);

create table vulnerability (
  generation bigint not null,
  id text collate "C" not null,
  detail jsonb not null,
  primary key (generation, id)
) partition by list (generation);

create table data_source (
  generation bigint not null references vulndb_generation on delete cascade,
  bucket text collate "C" not null,
  value jsonb not null,
  primary key (generation, bucket)
);

-- What is asked of a database about a package, once for all images: see questionOf in packages/vulndb.
create table package_question (
  id bigint generated always as identity primary key,
  key bytea not null unique, -- SHA-256 of the canonical question
  question jsonb not null
);

-- The answer of a generation; no row: not asked yet.
create table package_answer (
  generation bigint not null,
  question bigint not null,
  matches jsonb not null, -- with severity and title, as shown
  primary key (generation, question)
) partition by list (generation);

-- scanning -------------------------------------------------------------------------------------------------

-- What a blob holds once it is unpacked: found by reading, never by its declared type.
create table layer (
  blob bytea not null,
  format smallint not null, -- of the inventory
  diff_id bytea, -- null: unreadable
  failure text, -- why
  primary key (blob, format),
  check ((diff_id is null) <> (failure is null))
);
create table layer_inventory (
  diff_id bytea not null,
  format smallint not null,
  inventory jsonb not null,
  size bigint not null, -- bytes, uncompressed
  primary key (diff_id, format)
);

-- The evidence about a manifest, which no project can change.
create table scan (
  digest bytea primary key references manifest on delete cascade,
  id uuid not null default gen_random_uuid(), -- of the last request, as reports name it
  revision bigint not null default 1, -- grows with each change of this row that a verdict could depend on
  state text not null check (state in ('pending', 'running', 'success', 'error', 'stopped')),
  class text check (class in ('image', 'index', 'evidence', 'data', 'unknown')), -- by content; null until read
  failure text,
  format smallint, -- of the inventories that it was made of; null until read
  inventory jsonb, -- ImageInventory
  questions bigint[], -- one for each package of the inventory; null where none is asked, or another package asks the same
  sweep bigint, -- the last scan of everything that asked for it
  attempts smallint not null default 0, -- since it was asked for
  requested_at timestamptz not null default now(), -- after ended_at: it is read again, and what is known holds meanwhile
  started_at timestamptz,
  ended_at timestamptz
);
create index scan_unfinished on scan (requested_at) where state in ('pending', 'running');
create index scan_sweep on scan (sweep) where sweep is not null;

-- Scans of everything, and when they happen by themselves.
create table scan_all (
  id bigint generated always as identity primary key,
  trigger text not null check (trigger in ('Manual', 'Schedule')),
  requested_at timestamptz not null default now(),
  listed_at timestamptz, -- every artifact has been asked for
  stopped_at timestamptz
);
create table scan_all_schedule (
  id boolean primary key default true check (id),
  type text not null,
  cron text not null, -- of six fields, seconds first
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Counts of a generation, for lists.
create table scan_summary (
  generation bigint not null references vulndb_generation on delete cascade,
  digest bytea not null references scan on delete cascade,
  revision bigint not null, -- of the scan
  severity smallint not null, -- 0 unknown … 4 critical, -1 no finding
  total integer not null,
  fixable integer not null,
  counts jsonb not null, -- by Harbor's names of severities
  worse jsonb, -- than in the generation before: {before, after, ids}; null where it is not
  primary key (generation, digest)
);

-- policy ---------------------------------------------------------------------------------------------------

-- Whether a pull has to ask for a verdict, and the state of the policy that it must have been made under. Both follow
-- from metadata, allowlists, documents and exceptions, and change in the transaction that changes one of those.
alter table project add column gated boolean not null default false;
alter table project add column policy_revision integer not null default 1;

-- Settings of ours beside Harbor's metadata. project_id 0: the floor that no project can lower.
create table policy (
  project_id bigint primary key,
  document jsonb not null,
  updated_at timestamptz not null default now()
);

create table exception (
  id bigint generated always as identity primary key,
  project_id bigint not null, -- 0: everywhere
  vulnerability text not null,
  package text, -- null: any
  repository text, -- glob, without the project; null: any
  digest bytea, -- null: any
  reason text not null,
  author text not null,
  severity smallint not null, -- when it was granted; it lapses when the vulnerability becomes worse
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by text
);
create index exception_project on exception (project_id) where revoked_at is null;

-- What was decided, and from what: it holds only while all of that is as it was.
create table verdict (
  artifact_id bigint primary key references repository_manifest (artifact_id) on delete cascade,
  digest bytea not null, -- of that artifact
  allow boolean not null,
  reasons jsonb not null, -- what refuses it, or would if the policy did more than warn
  notes jsonb not null, -- why it passes although something could be said against it
  policy_revision integer not null,
  evidence_revision bigint not null,
  generation bigint, -- null: no database was there
  judge integer not null, -- version of the function that made it
  made_at timestamptz not null default now(),
  not_after timestamptz not null
);

-- For whose sake a blob was served last: a pull of it then takes two look-ups, however many images share the blob.
create table served_blob (
  repository_id bigint not null,
  blob bytea not null,
  artifact_id bigint not null references verdict on delete cascade, -- of the same repository
  primary key (repository_id, blob)
);
create index served_blob_artifact on served_blob (artifact_id);

-- Served because the policy only warns.
alter table pull add column warned boolean not null default false;

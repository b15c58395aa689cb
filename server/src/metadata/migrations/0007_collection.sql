-- Nothing is deleted at once: what nothing names any more is reviewed after a while, doomed, and deleted later still. What
-- is doomed comes back when somebody needs it.

-- blobs ----------------------------------------------------------------------------------------------------

-- The bytes of manifests are governed by the same rows: a key of the store has one owner.
alter table blob
  add column state text not null default 'live' check (state in ('live', 'doomed', 'deleting')),
  add column doomed_at timestamptz, -- where it is doomed: also from the moment that somebody began to bring it
  add column deleting_at timestamptz; -- when a collector said that it deletes the bytes
create index blob_doomed on blob (doomed_at) where state = 'doomed';
create index blob_deleting on blob (deleting_at) where state = 'deleting';
insert into blob (digest, size) select digest, size from manifest on conflict do nothing;

-- A doomed link is as none to those who read; a manifest that needs it makes it one again.
alter table repository_blob add column doomed_at timestamptz;
create index repository_blob_doomed on repository_blob (doomed_at) where doomed_at is not null;

-- collection -----------------------------------------------------------------------------------------------

-- What may have become garbage. Appended only, so that no two requests wait for each other; the latest row about a thing
-- says when it is looked at.
create table review (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('link', 'manifest', 'blob')),
  repository_id bigint, -- of a link
  digest bytea not null,
  queued_at timestamptz not null default now()
);
create index review_due on review (kind, queued_at);
create index review_digest on review (digest);

create function note_garbage() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'repository_manifest' then
    insert into review (kind, digest) select distinct 'manifest', digest from changed;
    insert into review (kind, repository_id, digest)
      select distinct 'link', c.repository_id, b.blob from changed c join manifest_blob b on b.manifest = c.digest;
  elsif tg_table_name = 'repository_blob' and tg_op = 'INSERT' then
    insert into review (kind, repository_id, digest) select 'link', repository_id, digest from changed;
  else
    insert into review (kind, digest) select distinct 'blob', digest from changed;
  end if;
  return null;
end $$;
create trigger garbage_manifests after delete on repository_manifest
  referencing old table as changed for each statement execute function note_garbage();
create trigger garbage_links_new after insert on repository_blob
  referencing new table as changed for each statement execute function note_garbage();
create trigger garbage_links after delete on repository_blob
  referencing old table as changed for each statement execute function note_garbage();
create trigger garbage_content after delete on manifest
  referencing old table as changed for each statement execute function note_garbage();

insert into review (kind, repository_id, digest)
  select 'link', l.repository_id, l.digest from repository_blob l where not exists (
    select from manifest_blob b join repository_manifest m on m.digest = b.manifest and m.repository_id = l.repository_id
    where b.blob = l.digest);
insert into review (kind, digest)
  select 'manifest', digest from manifest m where not exists (select from repository_manifest where digest = m.digest);
insert into review (kind, digest)
  select 'blob', digest from blob b where not exists (select from repository_blob where digest = b.digest)
    and not exists (select from manifest where digest = b.digest);

-- Collections that somebody asked for, or that did something.
create table collection_run (
  id bigint generated always as identity primary key,
  trigger text not null check (trigger in ('Manual', 'Schedule', 'Continuous')),
  parameters jsonb not null default '{}',
  state text not null default 'Pending' check (state in ('Pending', 'Running', 'Success', 'Error', 'Stopped')),
  counts jsonb not null default '{}', -- what was done, or would be
  log text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index collection_run_unfinished on collection_run (id) where state in ('Pending', 'Running');
create table collection_schedule (
  id boolean primary key default true check (id),
  type text not null,
  cron text not null, -- of six fields, seconds first
  parameters jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Blobs whose bytes are not those that their digest says. They are not served until somebody brings the right ones.
alter table blob add column damaged_at timestamptz;
create index blob_damaged on blob (digest) where damaged_at is not null;

-- The reading of all blobs, in the order of their digests: the pass that goes on, or the last one.
create table scrub (
  id boolean primary key default true check (id),
  begun_at timestamptz, -- null before the first
  ended_at timestamptz,
  position bytea not null default '', -- read up to here
  blobs bigint not null default 0,
  bytes bigint not null default 0,
  damaged bigint not null default 0,
  healed bigint not null default 0,
  asked boolean not null default false -- somebody wants another one
);
insert into scrub default values;

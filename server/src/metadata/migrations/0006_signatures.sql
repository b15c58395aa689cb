-- trust ----------------------------------------------------------------------------------------------------

-- Whose signatures count. project_id 0: in every project.
create table trust_key (
  id bigint generated always as identity primary key,
  project_id bigint not null,
  name text not null,
  pem text not null,
  fingerprint text not null, -- SHA-256 of the key as SubjectPublicKeyInfo, in hex
  algorithm text not null,
  repositories text[], -- patterns, without the project; null: any
  annotations jsonb not null default '{}', -- that a signature has to carry
  valid_until timestamptz, -- what was first seen later does not count
  compromised_at timestamptz, -- nothing that it signed counts
  created_at timestamptz not null default now(),
  created_by text not null,
  unique (project_id, name),
  unique (project_id, fingerprint)
);

-- How many of them have to sign, and what else was set.
create table trust_setting (
  project_id bigint primary key,
  document jsonb not null,
  updated_at timestamptz not null default now()
);

-- evidence -------------------------------------------------------------------------------------------------

-- Manifests that were read for signatures. What they hold is a fact about bytes, for everybody; where it is present
-- tells the table referrer.
create table signature_manifest (
  manifest bytea primary key references manifest on delete cascade,
  entries integer not null, -- 0: it holds none
  read_at timestamptz not null default now()
);
create table signature_evidence (
  manifest bytea not null references signature_manifest on delete cascade,
  entry integer not null,
  identity bytea not null, -- hash of what is signed and the signatures: the same in whatever manifest
  kind text not null check (kind in ('signature', 'attestation', 'unreadable')),
  layout text,
  subject bytea, -- that a signature names
  first_seen_at timestamptz not null,
  document jsonb not null, -- annotations, predicate type, what cannot be read and why
  primary key (manifest, entry)
);
create index signature_evidence_identity on signature_evidence (identity);

-- What a key says of it, whoever pins that key.
create table signature_result (
  manifest bytea not null,
  fingerprint text not null,
  entry integer not null,
  code text not null,
  detail text,
  primary key (manifest, fingerprint, entry),
  foreign key (manifest, entry) references signature_evidence on delete cascade
);

-- Whether a manifest holds evidence, and none that one of these keys made; null hides nothing (gate.md G4).
create function is_foreign(evidence bytea, fingerprints text[]) returns boolean language sql stable as $$
  select fingerprints is not null
    and exists (select from signature_manifest where manifest = evidence and entries > 0)
    and not exists (select from signature_result
      where manifest = evidence and code = 'ok' and fingerprint = any(fingerprints))
$$;

-- Grows when evidence for an artifact comes to its repository or goes, and when an index that covers it does.
create table signature_state (
  repository_id bigint not null,
  subject bytea not null,
  revision bigint not null,
  primary key (repository_id, subject)
);

-- What an index lists, and what indexes that it lists do.
create function listed_by(listing bytea) returns setof bytea language sql stable as $$
  select child from manifest_reference where parent = listing
  union select below.child from manifest_reference r join manifest_reference below on below.parent = r.child
    where r.parent = listing
$$;

create function note_signatures() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'referrer' then
    insert into signature_state as known (repository_id, subject, revision)
      select repository_id, digest, 1 from (
        select repository_id, subject as digest from changed
        union select c.repository_id, listed from changed c cross join lateral listed_by(c.subject) listed) touched
      order by 1, 2
      on conflict (repository_id, subject) do update set revision = known.revision + 1;
  else
    insert into signature_state as known (repository_id, subject, revision)
      select repository_id, digest, 1 from (
        select distinct c.repository_id, listed as digest from changed c cross join lateral listed_by(c.digest) listed) touched
      order by 1, 2
      on conflict (repository_id, subject) do update set revision = known.revision + 1;
  end if;
  return null;
end $$;
create trigger evidence_comes after insert on referrer
  referencing new table as changed for each statement execute function note_signatures();
create trigger evidence_goes after delete on referrer
  referencing old table as changed for each statement execute function note_signatures();
create trigger indexes_come after insert on repository_manifest
  referencing new table as changed for each statement execute function note_signatures();
create trigger indexes_go after delete on repository_manifest
  referencing old table as changed for each statement execute function note_signatures();

-- policy ---------------------------------------------------------------------------------------------------

delete from verdict; -- each is made again when it is asked for
alter table verdict add column repository_id bigint not null;
alter table verdict add column signature_revision bigint not null;
update project p set policy_revision = policy_revision + 1, gated = true
where exists (select from project_metadata where project_id = p.id and key = 'enable_content_trust_cosign' and value = 'true');

-- Lists tell how long they are without counting: each change leaves a difference, and differences are folded into
-- counts later. Count and differences together are right in every snapshot, and no two requests wait for each other.

-- artifacts ------------------------------------------------------------------------------------------------

-- `present`: all artifacts. `plain`: those that lists show with or without a tag, as no index lists them.
create table artifact_delta (
  repository_id bigint not null,
  id bigint generated always as identity,
  project_id bigint not null,
  present integer not null,
  plain integer not null,
  primary key (repository_id, id)
);
create index artifact_delta_project on artifact_delta (project_id);
create table repository_count (
  repository_id bigint primary key,
  present bigint not null,
  plain bigint not null
);
-- Of repositories that hold an artifact.
create table project_count (
  project_id bigint primary key,
  repositories bigint not null
);

create function is_plain(parents integer, accessory_type text) returns boolean language sql immutable as $$
  select parents = 0 and accessory_type is null
$$;

create function note_artifacts() returns trigger language plpgsql as $$
begin
  insert into artifact_delta (repository_id, project_id, present, plain)
    select r.id, r.project_id, sign * count(*), sign * count(*) filter (where is_plain(c.parents, c.accessory_type))
    from (select case tg_op when 'INSERT' then 1 else -1 end as sign) direction, changed c
      join repository r on r.id = c.repository_id
    group by r.id, sign;
  return null;
end $$;
create trigger artifacts_come after insert on repository_manifest
  referencing new table as changed for each statement execute function note_artifacts();
create trigger artifacts_go after delete on repository_manifest
  referencing old table as changed for each statement execute function note_artifacts();

create function note_artifact() returns trigger language plpgsql as $$
begin
  insert into artifact_delta (repository_id, project_id, present, plain)
    select r.id, r.project_id, 0, case when is_plain(new.parents, new.accessory_type) then 1 else -1 end
    from repository r where r.id = new.repository_id;
  return null;
end $$;
create trigger artifact_changes after update of parents, accessory_type on repository_manifest for each row
  when (is_plain(old.parents, old.accessory_type) <> is_plain(new.parents, new.accessory_type))
  execute function note_artifact();

-- To be summed.
create view counted_artifacts as
  select repository_id, present, plain from repository_count
  union all select repository_id, present, plain from artifact_delta;
create view counted_repositories as
  select project_id, repositories from project_count
  union all
  select d.project_id, (coalesce(c.present, 0) + d.present > 0)::integer - (coalesce(c.present, 0) > 0)::integer
  from (select project_id, repository_id, sum(present) as present from artifact_delta group by 1, 2) d
    left join repository_count c on c.repository_id = d.repository_id;

insert into repository_count (repository_id, present, plain)
  select repository_id, count(*), count(*) filter (where is_plain(parents, accessory_type))
  from repository_manifest group by repository_id;
insert into project_count (project_id, repositories)
  select r.project_id, count(*) from repository_count c join repository r on r.id = c.repository_id group by r.project_id;

-- The children of indexes that a list may show are looked up by themselves.
create index repository_manifest_child on repository_manifest (repository_id, digest)
  where parents > 0 and accessory_type is null;
-- Lists begin with the newest, of a whole project too.
create index repository_manifest_newest on repository_manifest (pushed_at desc, artifact_id desc)
  where accessory_type is null;
create index repository_newest on repository (project_id, created_at desc, id desc);
create index repository_newest_of_all on repository (created_at desc, id desc);

-- projects -------------------------------------------------------------------------------------------------

-- `present`: all that were not deleted. `open`: the public ones among them.
create table project_delta (
  id bigint generated always as identity primary key,
  present integer not null,
  open integer not null
);
create table project_total (
  one boolean primary key default true check (one),
  present bigint not null,
  open bigint not null
);

create function note_projects() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into project_delta (present, open)
      select count(*), count(*) filter (where public) from changed where deleted_at is null having count(*) > 0;
  else
    insert into project_delta (present, open) values (
      (new.deleted_at is null)::integer - (old.deleted_at is null)::integer,
      (new.deleted_at is null and new.public)::integer - (old.deleted_at is null and old.public)::integer);
  end if;
  return null;
end $$;
create trigger projects_come after insert on project
  referencing new table as changed for each statement execute function note_projects();
create trigger project_changes after update of public, deleted_at on project for each row
  when (old.public <> new.public or (old.deleted_at is null) <> (new.deleted_at is null))
  execute function note_projects();

-- To be summed.
create view counted_projects as
  select present, open from project_total union all select present, open from project_delta;
insert into project_total (present, open)
  select count(*), count(*) filter (where public) from project where deleted_at is null;

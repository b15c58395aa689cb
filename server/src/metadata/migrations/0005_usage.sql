-- What projects use, folded from differences as in 0004: a blob or manifest counts once for each project, however many
-- of its repositories have it.

create table content_delta (
  id bigint generated always as identity primary key,
  project_id bigint not null,
  digest bytea not null,
  size bigint, -- null where a link went: it was told when it came
  links integer not null
);
create index content_delta_project on content_delta (project_id);
create table project_content (
  project_id bigint not null,
  digest bytea not null,
  size bigint not null,
  links integer not null, -- repositories that have it; 0 is left out
  primary key (project_id, digest)
);
create table project_usage (
  project_id bigint primary key,
  bytes bigint not null
);

create function note_content() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into content_delta (project_id, digest, links)
      select r.project_id, c.digest, -1 from changed c join repository r on r.id = c.repository_id;
  elsif tg_table_name = 'repository_blob' then
    insert into content_delta (project_id, digest, size, links)
      select r.project_id, c.digest, b.size, 1
      from changed c join repository r on r.id = c.repository_id join blob b on b.digest = c.digest;
  else
    insert into content_delta (project_id, digest, size, links)
      select r.project_id, c.digest, m.size, 1
      from changed c join repository r on r.id = c.repository_id join manifest m on m.digest = c.digest;
  end if;
  return null;
end $$;
create trigger blobs_come after insert on repository_blob
  referencing new table as changed for each statement execute function note_content();
create trigger blobs_go after delete on repository_blob
  referencing old table as changed for each statement execute function note_content();
create trigger manifests_come after insert on repository_manifest
  referencing new table as changed for each statement execute function note_content();
create trigger manifests_go after delete on repository_manifest
  referencing old table as changed for each statement execute function note_content();

-- To be summed.
create view counted_usage as
  select project_id, bytes from project_usage
  union all
  select d.project_id, coalesce(c.size, d.size)
    * ((coalesce(c.links, 0) + d.links > 0)::integer - (coalesce(c.links, 0) > 0)::integer)
  from (select project_id, digest, max(size) as size, sum(links) as links from content_delta group by 1, 2) d
    left join project_content c on c.project_id = d.project_id and c.digest = d.digest;

insert into project_content (project_id, digest, size, links)
  select r.project_id, l.digest, max(l.size), count(*) from repository r
    join (select l.repository_id, b.digest, b.size from repository_blob l join blob b on b.digest = l.digest
      union all select repository_id, digest, size from repository_manifest) l on l.repository_id = r.id
  group by r.project_id, l.digest;
insert into project_usage (project_id, bytes) select project_id, sum(size) from project_content group by project_id;

-- identity -------------------------------------------------------------------------------------------------

-- Harbor's types: 1 LDAP, 2 HTTP, 3 OIDC.
create table user_group (
  id bigint generated always as identity primary key,
  name text not null,
  type smallint not null,
  ldap_dn text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index user_group_name on user_group (type, name) where ldap_dn = '';
create unique index user_group_dn on user_group (lower(ldap_dn)) where ldap_dn <> '';

create table user_group_member (
  user_id bigint not null references user_account,
  group_id bigint not null references user_group on delete cascade,
  primary key (user_id, group_id)
);
create index user_group_member_group on user_group_member (group_id);

-- A browser's session; the cookie's value is kept as a hash only.
create table session (
  id bytea primary key,
  user_id bigint not null references user_account,
  revision integer not null, -- of the account: a newer account ends its sessions
  expires_at timestamptz not null
);
create index session_account on session (user_id);
create index session_expiry on session (expires_at);

create table robot (
  id bigint generated always as identity primary key,
  name text collate "C" not null, -- without prefix and project
  project_id bigint references project, -- null: of the system
  description text not null default '',
  secret_hash bytea not null, -- HMAC-SHA-256 under a key that is not in the database
  disabled boolean not null default false,
  duration integer not null, -- days; -1 never ends
  expires_at timestamptz, -- null: never
  creator_type text not null, -- local | robot
  creator_id bigint not null,
  revision integer not null default 1, -- grows when the secret, the state or a grant changes
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index robot_name on robot (coalesce(project_id, 0), name);

-- project_id 0: in every project; -1: of the system.
create table robot_grant (
  robot_id bigint not null references robot on delete cascade,
  project_id bigint not null,
  resource text not null,
  action text not null,
  primary key (robot_id, project_id, resource, action)
);
create index robot_grant_project on robot_grant (project_id);

-- projects -------------------------------------------------------------------------------------------------

alter table member alter column user_id drop not null;
alter table member add column group_id bigint references user_group on delete cascade;
alter table member add constraint member_is_one check (num_nonnulls(user_id, group_id) = 1);
create unique index member_group on member (group_id, project_id) where group_id is not null;

alter table repository add column description text not null default '';
alter table repository add column updated_at timestamptz not null default now();

-- project_id 0: of the system.
create table cve_allowlist (
  project_id bigint primary key,
  expires_at bigint, -- seconds since 1970; null: never
  items jsonb not null default '[]', -- CVE ids
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- artifacts ------------------------------------------------------------------------------------------------

-- What lists show. `kind` is Harbor's type of an artifact: IMAGE, CHART, …
alter table manifest add column kind text;
alter table manifest add column config_type text; -- the config's media type; null for an index
alter table manifest add column extra_attrs jsonb;
alter table manifest add column total_size bigint; -- with config and layers, or with the children of an index
alter table manifest_reference add column annotations jsonb;

-- `parents`: how many indexes of the repository list it. Lists show what has a tag or no parent, and no accessories.
alter table repository_manifest add column parents integer not null default 0;
alter table repository_manifest add column accessory_type text;
create index repository_manifest_list on repository_manifest (repository_id, pushed_at desc, artifact_id desc)
  include (parents, digest) where accessory_type is null;
create view listed_artifact as
  select * from repository_manifest m where accessory_type is null
    and (parents = 0 or exists (select from tag t where t.digest = m.digest and t.repository_id = m.repository_id));
alter table tag add column id bigint generated always as identity;
alter table tag add column created_at timestamptz not null default now();
alter table referrer add column id bigint generated always as identity;
alter table referrer add column created_at timestamptz not null default now();

-- What was pushed before these columns were there.
update manifest m set
  config_type = document #>> '{config,mediaType}',
  kind = case when document ? 'manifests' or document #>> '{config,mediaType}' in (
    'application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json') then 'IMAGE'
    when document #>> '{config,mediaType}' = 'application/vnd.cncf.helm.config.v1+json' then 'CHART'
    else coalesce(upper(substring(document #>> '{config,mediaType}'
      from '^application/vnd\.[^.]*\.(.*)\.config\.[^.]*\+json$')), 'UNKNOWN') end,
  total_size = size + coalesce((document #>> '{config,size}')::bigint, 0)
    + coalesce((select sum((part ->> 'size')::bigint) from jsonb_array_elements(document -> 'layers') part), 0)
from (select digest, convert_from(bytes, 'UTF8')::jsonb as document from manifest) read
where read.digest = m.digest;
update manifest m set total_size = total_size + children.size
from (select parent, sum(c.total_size) as size
  from (select distinct parent, child from manifest_reference) listed join manifest c on c.digest = child
  group by parent) children
where children.parent = m.digest;
update repository_manifest rm set parents = listed.parents
from (select p.repository_id, r.child, count(distinct r.parent) as parents
  from repository_manifest p join manifest_reference r on r.parent = p.digest group by 1, 2) listed
where listed.repository_id = rm.repository_id and listed.child = rm.digest;
update repository_manifest rm set accessory_type = case m.artifact_type
  when 'application/vnd.dev.cosign.artifact.sig.v1+json' then 'signature.cosign'
  when 'application/vnd.dev.sigstore.bundle.v0.3+json' then 'signature.cosign'
  when 'application/vnd.cncf.notary.signature' then 'signature.notation'
  when 'application/vnd.goharbor.harbor.sbom.v1' then 'sbom.harbor'
  else 'subject.accessory' end
from manifest m where m.digest = rm.digest and m.subject is not null;

create table label (
  id bigint generated always as identity primary key,
  project_id bigint references project, -- null: of the system
  name text not null,
  description text not null default '',
  color text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index label_name on label (coalesce(project_id, 0), name);

create table artifact_label (
  repository_id bigint not null,
  digest bytea not null,
  label_id bigint not null references label on delete cascade,
  primary key (repository_id, digest, label_id),
  foreign key (repository_id, digest) references repository_manifest on delete cascade
);
create index artifact_label_label on artifact_label (label_id);

-- ledger ---------------------------------------------------------------------------------------------------

-- Folded from `pull`, in tables of their own so that the rows that every pull reads don't change with it.
create table artifact_pull (
  repository_id bigint not null,
  digest bytea not null,
  count bigint not null,
  last_at timestamptz not null,
  primary key (repository_id, digest)
);
create table tag_pull (
  repository_id bigint not null,
  tag text collate "C" not null,
  last_at timestamptz not null,
  primary key (repository_id, tag)
);
create table repository_pull (
  repository_id bigint primary key,
  count bigint not null
);

-- Harbor's audit log lists changes (but those of blobs), pulls and refusals as one, of all or of a project, newest
-- first. Their ids are drawn from one sequence.
alter table ledger add column project_id bigint;
create index ledger_listed on ledger (at, id) where action not like 'blob.%';
create index ledger_project on ledger (project_id, at, id) where action not like 'blob.%';
alter table pull add column id bigint not null default nextval('ledger_id_seq');
create index pull_listed on pull (at, id);
create index pull_repository on pull (repository_id, at, id);

create function record_change(actor text, credential text, address text, request_id text, action text, object text,
  detail jsonb, project_id bigint) returns void language sql as $$
  insert into ledger (actor, credential, address, request_id, action, object, detail, project_id)
  values (actor, credential, address, request_id, action, object, detail, project_id)
$$;

-- Where it was refused: null where no project is concerned, or none that is there.
alter table refusal add column project_id bigint;
alter table refusal add column id bigint not null default nextval('ledger_id_seq');
alter table refusal add column at timestamptz; -- the first of those that were counted
update refusal set at = minute;
alter table refusal alter column at set default clock_timestamp(), alter column at set not null;
create index refusal_listed on refusal (at, id);
create index refusal_project on refusal (project_id, at, id);

-- settings -------------------------------------------------------------------------------------------------

-- What administrators set through the API; a key that is not here has its default.
create table configuration (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);

-- For the lists of what somebody may see. Every role may pull, so a role is enough; a robot needs the permission.
create function may_pull(project bigint, everybody boolean, account bigint, robot bigint) returns boolean
language sql stable as $$
  select everybody
    or exists (select from user_account where id = account and system_admin and deleted_at is null)
    or exists (select from member where project_id = project and user_id = account)
    or exists (select from user_group_member ug join member m on m.group_id = ug.group_id
      where ug.user_id = account and m.project_id = project)
    or exists (select from robot_grant where robot_id = robot and project_id in (project, 0)
      and resource = 'repository' and action in ('pull', 'push'))
$$;

-- The served side: generations of a tenant's roster and the versions of its objects.

create schema roster;
comment on schema roster is 'Published rosters: generations, object versions, tickets.';

create table roster.head (
    tenant_id text collate "C" not null,
    generation_id uuid,
    number bigint not null default 0,
    published_at timestamptz,
    tickets_until timestamptz,
    constraint head_pk primary key (tenant_id),
    constraint head_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint head_all_or_nothing check ((generation_id is null) = (published_at is null) and (generation_id is null) = (number = 0))
);
comment on table roster.head is 'The newest generation and how long tickets to it or an earlier one live. One row per tenant on purpose: issuing a ticket and publishing lock it, and each reads what the other wrote.';
comment on column roster.head.tenant_id is 'The tenant.';
comment on column roster.head.generation_id is 'The newest generation; null before the first.';
comment on column roster.head.number is 'Its number; 0 before the first.';
comment on column roster.head.published_at is 'Its date.';
comment on column roster.head.tickets_until is 'No ticket issued so far expires later than this.';

create table roster.generation (
    tenant_id text collate "C" not null,
    number bigint not null,
    generation_id uuid not null,
    published_at timestamptz not null,
    committed_at timestamptz not null,
    school_year text not null,
    reference_date date not null,
    today date not null,
    mirror_version bigint not null,
    configuration_version bigint not null,
    usernames_version bigint not null,
    projection_version integer not null,
    summary jsonb not null,
    constraint generation_pk primary key (tenant_id, number),
    constraint generation_id_unique unique (tenant_id, generation_id),
    constraint generation_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint generation_number_positive check (number > 0)
);
comment on table roster.generation is 'One published state of a tenant''s roster. Never changed once committed.';
comment on column roster.generation.tenant_id is 'The tenant.';
comment on column roster.generation.number is 'Counts up from 1 within the tenant.';
comment on column roster.generation.generation_id is 'Random: after a failover that lost a generation, its number comes back but its id does not.';
comment on column roster.generation.published_at is 'Its date: the dateLastModified of everything that changed in it. Later than any ticket that cannot see it, so it may lie ahead of the clock.';
comment on column roster.generation.committed_at is 'The clock when it was dated.';
comment on column roster.generation.school_year is 'The active school year.';
comment on column roster.generation.reference_date is 'The day it is the state of.';
comment on column roster.generation.today is 'The day in Brussels by the database''s clock.';
comment on column roster.generation.mirror_version is 'Version of the mirror it was computed from.';
comment on column roster.generation.configuration_version is 'Version of the configuration it was computed from.';
comment on column roster.generation.usernames_version is 'Version of the usernames it was computed from.';
comment on column roster.generation.projection_version is 'Version of the projection''s code.';
comment on column roster.generation.summary is 'How many objects of each kind were added, changed and removed.';

create table roster.object_version (
    tenant_id text collate "C" not null,
    kind text collate "C" not null,
    sourced_id text collate "C" not null,
    from_number bigint not null,
    until_number bigint,
    status text not null,
    content text not null,
    content_hash bytea not null,
    constraint object_version_pk primary key (tenant_id, kind, sourced_id, from_number),
    constraint object_version_from_fk foreign key (tenant_id, from_number) references roster.generation (tenant_id, number) on delete cascade deferrable initially deferred,
    constraint object_version_kind check (kind in ('academicSessions', 'orgs', 'courses', 'classes', 'users', 'enrollments')),
    constraint object_version_status check (status in ('active', 'tobedeleted')),
    constraint object_version_period check (until_number > from_number),
    constraint object_version_hash_length check (length(content_hash) = 32)
);
create unique index object_version_current on roster.object_version (tenant_id, kind, sourced_id) where until_number is null;
create index object_version_from on roster.object_version (tenant_id, from_number);
create index object_version_until on roster.object_version (tenant_id, until_number) where until_number is not null;
comment on table roster.object_version is 'What was emitted for an object, from one generation until before another.';
comment on index roster.object_version_current is 'At most one current version of an object.';
comment on index roster.object_version_from is 'What began with a generation.';
comment on index roster.object_version_until is 'What ended with a generation.';
comment on column roster.object_version.tenant_id is 'The tenant.';
comment on column roster.object_version.kind is 'The OneRoster collection.';
comment on column roster.object_version.sourced_id is 'The object''s sourcedId.';
comment on column roster.object_version.from_number is 'First generation that holds this version; its date is the object''s dateLastModified.';
comment on column roster.object_version.until_number is 'First generation that no longer holds it; null while current.';
comment on column roster.object_version.status is 'active, or tobedeleted for a tombstone.';
comment on column roster.object_version.content is 'The object as JSON without sourcedId, status and dateLastModified, and with relative hrefs.';
comment on column roster.object_version.content_hash is 'SHA-256 of the content.';

create table roster.evaluation (
    tenant_id text collate "C" not null,
    mirror_version bigint not null,
    configuration_version bigint not null,
    usernames_version bigint not null,
    today date not null,
    projection_version integer not null,
    evaluated_at timestamptz not null default clock_timestamp(),
    constraint evaluation_pk primary key (tenant_id),
    constraint evaluation_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade
);
comment on table roster.evaluation is 'The inputs of the last publication, whether it made a generation or found nothing changed. They never go back.';
comment on column roster.evaluation.tenant_id is 'The tenant.';
comment on column roster.evaluation.mirror_version is 'Version of the mirror.';
comment on column roster.evaluation.configuration_version is 'Version of the configuration.';
comment on column roster.evaluation.usernames_version is 'Version of the usernames.';
comment on column roster.evaluation.today is 'The day in Brussels.';
comment on column roster.evaluation.projection_version is 'Version of the projection''s code.';
comment on column roster.evaluation.evaluated_at is 'When.';

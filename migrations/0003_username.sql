-- Usernames: one record per person, its full history, and the names that may not be given out again.

create schema username;
comment on schema username is 'Username records, kept per person however often the mirror is loaded anew.';

create table username.record (
    tenant_id text collate "C" not null,
    rowguid uuid not null,
    local_part text collate "C" not null,
    domain text collate "C",
    sync boolean not null,
    origin text not null,
    needs_review boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    constraint record_pk primary key (tenant_id, rowguid),
    constraint record_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint record_local_part_not_empty check (local_part <> ''),
    constraint record_local_part_length check (length(local_part) <= 64),
    constraint record_domain_not_empty check (domain <> ''),
    constraint record_origin check (origin in ('generated', 'manual', 'csv'))
);
create unique index record_local_part_unique on username.record (tenant_id, lower(local_part));
comment on table username.record is 'The username of a person (R46-R53). Allocated once, changed only by an admin; outlives the mirror row.';
comment on index username.record_local_part_unique is 'One holder per name, whatever the domain and the case (R48-R50).';
comment on column username.record.tenant_id is 'The tenant.';
comment on column username.record.rowguid is 'The person: informat.persoon.rowguid.';
comment on column username.record.local_part is 'The part before the @.';
comment on column username.record.domain is 'Domain given explicitly to this person, if any (R37, R38).';
comment on column username.record.sync is 'Whether the person is published (R59).';
comment on column username.record.origin is 'generated from the format, manual by an admin, or csv from a check file.';
comment on column username.record.needs_review is 'A part of the name could not be written in Latin letters: an admin should look.';
comment on column username.record.created_at is 'When the record was made.';

create table username.change (
    tenant_id text collate "C" not null,
    change_id bigint generated always as identity,
    rowguid uuid not null,
    changed_at timestamptz not null default clock_timestamp(),
    changed_by text not null,
    field text not null,
    old_value text,
    new_value text,
    constraint change_pk primary key (tenant_id, change_id),
    constraint change_record_fk foreign key (tenant_id, rowguid) references username.record (tenant_id, rowguid) on delete cascade,
    constraint change_field check (field in ('created', 'local_part', 'domain', 'sync'))
);
create index change_rowguid on username.change (tenant_id, rowguid, change_id);
comment on table username.change is 'Every change of a record: who, when, from, to.';
comment on index username.change_rowguid is 'The history of one person.';
comment on column username.change.tenant_id is 'The tenant.';
comment on column username.change.change_id is 'Counts up.';
comment on column username.change.rowguid is 'The person.';
comment on column username.change.changed_at is 'When.';
comment on column username.change.changed_by is 'system, or the account of an admin.';
comment on column username.change.field is 'What changed; created for a new record.';
comment on column username.change.old_value is 'The value before.';
comment on column username.change.new_value is 'The value after.';

create table username.retired (
    tenant_id text collate "C" not null,
    name text collate "C" not null,
    rowguid uuid not null,
    retired_at timestamptz not null default clock_timestamp(),
    constraint retired_pk primary key (tenant_id, name),
    constraint retired_record_fk foreign key (tenant_id, rowguid) references username.record (tenant_id, rowguid) on delete cascade,
    constraint retired_name_lower check (name = lower(name) and name <> '')
);
comment on table username.retired is 'Names whose holder was renamed: allocation skips them, since they may still be an alias in Microsoft 365.';
comment on column username.retired.tenant_id is 'The tenant.';
comment on column username.retired.name is 'The local part, in lower case.';
comment on column username.retired.rowguid is 'Who held it last.';
comment on column username.retired.retired_at is 'When its holder was renamed.';

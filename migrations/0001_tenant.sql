-- Tenants: one school group each, and the versions of what a roster is computed from.

create schema tenant;
comment on schema tenant is 'Tenants and their configuration.';

create table tenant.tenant (
    tenant_id text collate "C" not null,
    configuration jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    configured_at timestamptz not null default clock_timestamp(),
    constraint tenant_pk primary key (tenant_id),
    constraint tenant_id_form check (tenant_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    constraint tenant_configuration_id check (configuration ->> 'id' = tenant_id)
);
comment on table tenant.tenant is 'One row per school group.';
comment on column tenant.tenant.tenant_id is 'Id of the tenant, as in its file.';
comment on column tenant.tenant.configuration is 'What the tenant file says (docs/tenant-file.md); the active school year is moved by its own command only.';
comment on column tenant.tenant.created_at is 'When the file was first applied.';
comment on column tenant.tenant.configured_at is 'When the configuration last changed.';

create table tenant.input_version (
    tenant_id text collate "C" not null,
    input text not null,
    version bigint not null default 0,
    changed_at timestamptz not null default clock_timestamp(),
    constraint input_version_pk primary key (tenant_id, input),
    constraint input_version_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint input_version_input check (input in ('mirror', 'configuration', 'usernames')),
    constraint input_version_not_negative check (version >= 0)
);
comment on table tenant.input_version is 'Counts the committed changes of each input of the projection: raised in the transaction that changes the input, so commit order is version order.';
comment on column tenant.input_version.tenant_id is 'The tenant.';
comment on column tenant.input_version.input is 'mirror, configuration or usernames.';
comment on column tenant.input_version.version is 'Number of changes so far.';
comment on column tenant.input_version.changed_at is 'When the last change was made.';

-- Who wins when a tenant file is applied after somebody changed the configuration on the desk: an older file is refused.

alter table tenant.tenant
    add column revision bigint not null default 1,
    add column changed_on_desk boolean not null default false,
    add constraint tenant_revision_positive check (revision > 0);
comment on column tenant.tenant.revision is 'Counts the changes of the configuration by a file or on the desk; the switch of the school year has its own command and is not counted. `tenant show` writes it into the file.';
comment on column tenant.tenant.changed_on_desk is 'Whether somebody changed the configuration on the desk since a file was last applied: a file that does not say its revision is then refused.';

-- The sync log: what consumers read, and when.

create schema synclog;
comment on schema synclog is 'What consumers read.';

create table synclog.run (
    tenant_id text collate "C" not null,
    client_id text collate "C" not null,
    token_id uuid not null,
    run_number integer not null,
    generation_number bigint,
    first_request_at timestamptz not null,
    last_request_at timestamptz not null,
    is_complete boolean not null,
    readings jsonb not null,
    constraint run_pk primary key (tenant_id, client_id, token_id, run_number),
    constraint run_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint run_number_positive check (run_number > 0),
    constraint run_order check (first_request_at <= last_request_at),
    constraint run_readings_list check (jsonb_typeof(readings) = 'array')
);
create index run_last_request on synclog.run (tenant_id, last_request_at);
comment on table synclog.run is 'One reading of a roster by a client: the requests made with one token without a long pause or a fresh start.';
comment on index synclog.run_last_request is 'The newest runs of a tenant, and those old enough to go.';
comment on column synclog.run.tenant_id is 'The tenant.';
comment on column synclog.run.client_id is 'The client. It may be gone by now.';
comment on column synclog.run.token_id is 'The jti of its token.';
comment on column synclog.run.run_number is 'Counts the runs with one token from 1.';
comment on column synclog.run.generation_number is 'The generation that the token reads; null when there was none.';
comment on column synclog.run.first_request_at is 'When it began.';
comment on column synclog.run.last_request_at is 'When the last request of it was answered.';
comment on column synclog.run.is_complete is 'Whether each collection that was begun was read to its last row.';
comment on column synclog.run.readings is 'What was read, by path without ids: pages, rows, failures, and which rows of how many. No filter''s value, no name.';
call tenant.protect('synclog.run');

grant usage on schema synclog to oneroster_service;
grant select (tenant_id, last_request_at) on synclog.run to oneroster_service;
create policy all_tenants on synclog.run for select to oneroster_service using (true);
comment on policy all_tenants on synclog.run is 'Finding the tenants that are no longer read.';

-- What Microsoft counted of a run of School Data Sync, beside what was published then.

create table synclog.microsoft_run (
    tenant_id text collate "C" not null,
    fingerprint bytea not null,
    told_at timestamptz not null default clock_timestamp(),
    told_by text not null,
    generation_number bigint,
    counts jsonb not null,
    constraint microsoft_run_pk primary key (tenant_id, fingerprint),
    constraint microsoft_run_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint microsoft_run_fingerprint_length check (length(fingerprint) = 32),
    constraint microsoft_run_counts_list check (jsonb_typeof(counts) = 'array')
);
create index microsoft_run_told on synclog.microsoft_run (tenant_id, told_at);
comment on table synclog.microsoft_run is 'What Microsoft counted of a run of School Data Sync, as somebody told it, beside what was published then. Counts only.';
comment on index synclog.microsoft_run_told is 'The newest of a tenant, and those old enough to go.';
comment on column synclog.microsoft_run.tenant_id is 'The tenant.';
comment on column synclog.microsoft_run.fingerprint is 'SHA-256 of what was told: the same told twice is one run.';
comment on column synclog.microsoft_run.told_at is 'When.';
comment on column synclog.microsoft_run.told_by is 'By whom.';
comment on column synclog.microsoft_run.generation_number is 'The newest generation then; null before the first.';
comment on column synclog.microsoft_run.counts is 'What is counted, how many were published then, how many Microsoft counted.';
call tenant.protect('synclog.microsoft_run');

-- The brake: publications that are held, and what people decided about publications.

create table roster.hold (
    tenant_id text collate "C" not null,
    fingerprint text not null,
    reasons jsonb not null,
    summary jsonb not null,
    held_at timestamptz not null,
    seen_at timestamptz not null,
    discarded_at timestamptz,
    discarded_by text,
    constraint hold_pk primary key (tenant_id),
    constraint hold_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint hold_fingerprint_form check (fingerprint ~ '^[0-9a-f]{64}$'),
    constraint hold_reasons_list check (jsonb_typeof(reasons) = 'array'),
    constraint hold_seen_after_held check (seen_at >= held_at),
    constraint hold_discarded check ((discarded_at is null) = (discarded_by is null))
);
comment on table roster.hold is 'The publication of a tenant that the brake holds, if any: what it would do as a fingerprint and counts, never its content. Gone when a publication goes through.';
comment on column roster.hold.tenant_id is 'The tenant.';
comment on column roster.hold.fingerprint is 'SHA-256, in hexadecimal, of the changes it would make: a release publishes these and no others.';
comment on column roster.hold.reasons is 'Which tests of the brake it fails, for the whole tenant or for an org, with the counts before and after.';
comment on column roster.hold.summary is 'How many objects of each kind it would add, change and remove.';
comment on column roster.hold.held_at is 'Since when publications have been held without a break.';
comment on column roster.hold.seen_at is 'When it was last computed with this outcome.';
comment on column roster.hold.discarded_at is 'When somebody discarded it: it is not announced again while exactly the same changes result.';
comment on column roster.hold.discarded_by is 'Who discarded it.';

create table tenant.decision (
    tenant_id text collate "C" not null,
    decision_id bigint generated always as identity,
    decided_at timestamptz not null default clock_timestamp(),
    decided_by text not null,
    decision text not null,
    detail jsonb not null,
    constraint decision_pk primary key (tenant_id, decision_id),
    constraint decision_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint decision_by_somebody check (decided_by <> ''),
    constraint decision_word check (decision in ('release', 'discard', 'activate_year'))
);
comment on table tenant.decision is 'What people decided where the program would not decide by itself. Only added to.';
comment on column tenant.decision.tenant_id is 'The tenant.';
comment on column tenant.decision.decision_id is 'Counts up.';
comment on column tenant.decision.decided_at is 'When.';
comment on column tenant.decision.decided_by is 'Who: a name given, or the account of the operating system.';
comment on column tenant.decision.decision is 'release or discard of a held publication, or activate_year.';
comment on column tenant.decision.detail is 'What was decided about, and which refusals were overridden. Ids and counts only.';

call tenant.protect('roster.hold');
call tenant.protect('tenant.decision');
grant select (tenant_id, held_at, reasons, discarded_at) on roster.hold to oneroster_service;
create policy all_tenants on roster.hold for select to oneroster_service using (true);
comment on policy all_tenants on roster.hold is 'Readiness tells of every tenant whose publication is held; reasons are counts.';

-- History: why versions began, and from when on all of them are kept.

alter table roster.object_version add column causes jsonb;
alter table roster.object_version add constraint object_version_causes_list check (jsonb_typeof(causes) = 'array');
comment on column roster.object_version.causes is 'Why this version began, as only the inputs of that moment could say it: codes with ids and dates (docs/history.md). Null where the versions themselves say it, and in the first generation.';

create table roster.history (
    tenant_id text collate "C" not null,
    whole_from bigint not null,
    purged_at timestamptz not null default clock_timestamp(),
    constraint history_pk primary key (tenant_id),
    constraint history_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint history_whole_from_positive check (whole_from > 0)
);
comment on table roster.history is 'How far back a tenant''s history goes; no row = all of it is kept.';
comment on column roster.history.tenant_id is 'The tenant.';
comment on column roster.history.whole_from is 'The first generation whose state is still kept whole. Versions superseded by it or before are purged.';
comment on column roster.history.purged_at is 'When it was last raised.';
call tenant.protect('roster.history');

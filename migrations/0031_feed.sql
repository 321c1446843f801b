-- Signs of life of the feeding side: who brought the last bundle, and what was refused since.

alter table informat.lading add column door text collate "C" not null default '';
comment on column informat.lading.door is 'Who brought it; empty in loads of before this was noted.';

-- Ours, not Informat's, like the loads.
create table informat.weigering (
    tenant_id text collate "C" not null,
    geweigerd_op timestamptz not null default clock_timestamp(),
    door text collate "C" not null,
    fouten bigint not null,
    bewakers text[] not null,
    constraint weigering_pk primary key (tenant_id),
    constraint weigering_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint weigering_fouten_not_negative check (fouten >= 0),
    constraint weigering_bewakers_filled check (array_position(bewakers, null) is null)
);
comment on table informat.weigering is 'The last bundle of a tenant that the door refused.';
comment on column informat.weigering.tenant_id is 'The tenant.';
comment on column informat.weigering.geweigerd_op is 'When; a load after it means that it no longer matters.';
comment on column informat.weigering.door is 'Who brought it.';
comment on column informat.weigering.fouten is 'How many faults it had.';
comment on column informat.weigering.bewakers is 'The guards that nobody had accepted, by their names.';
call tenant.protect('informat.weigering');

grant usage on schema informat to oneroster_service;
grant select (tenant_id, p_lading, geladen_op) on informat.lading to oneroster_service;
create policy all_tenants on informat.lading for select to oneroster_service using (true);
comment on policy all_tenants on informat.lading is 'Finding the tenants whose bundles no longer come.';

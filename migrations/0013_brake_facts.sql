-- The brake: what it asks of a generation beside what was published, and which generations somebody released.

alter table roster.object_version
    add column class_facts jsonb,
    add constraint object_version_class_facts_object check (jsonb_typeof(class_facts) = 'object'),
    add constraint object_version_class_facts_of_class check (class_facts is null or kind = 'classes');
comment on column roster.object_version.class_facts is 'Of a class, what the brake asks and no consumer is told: whether it is a subgroup, what its title shares with others, whether the title is doubtful. As of the last publication that held this version; no part of content and hash. Null where it was not recorded.';

alter table roster.generation add column is_released boolean not null default false;
comment on column roster.generation.is_released is 'Somebody released it though the brake would hold it: for the brake it counts as read.';

alter table roster.evaluation add column passed_mirror_version bigint;
update roster.evaluation e
set passed_mirror_version = case
    when exists (select from roster.hold h where h.tenant_id = e.tenant_id) then
        (select g.mirror_version from roster.generation g where g.tenant_id = e.tenant_id order by g.number desc limit 1)
    else e.mirror_version
end;
comment on column roster.evaluation.passed_mirror_version is 'Version of the mirror in the last publication that was not held: guards of the door that were accepted up to then have had their effect. Null before the first.';

-- When the school group last changed as clients with the setting district_org see it.

alter table roster.generation add column district_changed_at timestamptz;
comment on column roster.generation.district_changed_at is 'When the school group last changed as an org above its schools: the date of the generation in which an org came, went or changed, or in which it got its name. It is carried from one generation to the next, since what it follows from is deleted some day. Null where a build that did not know it published.';

-- The guided swap of two usernames (R140): which step it is at, so that nobody has to remember it over the days that it takes.

create table username.swap (
    tenant_id text collate "C" not null,
    swap_id uuid not null,
    person_a uuid not null,
    person_b uuid not null,
    from_a text collate "C" not null,
    from_b text collate "C" not null,
    temporary_a text collate "C" not null,
    temporary_b text collate "C" not null,
    to_a text collate "C" not null,
    to_b text collate "C" not null,
    step text not null default 'temporary',
    began_at timestamptz not null default clock_timestamp(),
    began_by text not null,
    alias_removed_at timestamptz,
    alias_removed_by text,
    ended_at timestamptz,
    constraint swap_pk primary key (tenant_id, swap_id),
    constraint swap_record_a_fk foreign key (tenant_id, person_a) references username.record (tenant_id, rowguid) on delete cascade,
    constraint swap_record_b_fk foreign key (tenant_id, person_b) references username.record (tenant_id, rowguid) on delete cascade,
    constraint swap_of_two check (person_a <> person_b),
    constraint swap_step check (step in ('temporary', 'alias', 'done', 'cancelled')),
    constraint swap_alias_removed check (step <> 'alias' or alias_removed_at is not null),
    constraint swap_alias_removed_by check ((alias_removed_at is null) = (alias_removed_by is null)),
    constraint swap_ended check ((ended_at is null) = (step in ('temporary', 'alias')))
);
create index swap_person_a on username.swap (tenant_id, person_a);
create index swap_person_b on username.swap (tenant_id, person_b);
comment on table username.swap is 'Swaps of two served usernames (R140): temporary names and a sync, an alias removed in Microsoft 365 by hand, the final names.';
comment on index username.swap_person_a is 'The swaps of one person.';
comment on index username.swap_person_b is 'The swaps of one person.';
comment on column username.swap.tenant_id is 'The tenant.';
comment on column username.swap.swap_id is 'The swap.';
comment on column username.swap.person_a is 'Who gets the name of the other.';
comment on column username.swap.person_b is 'The other.';
comment on column username.swap.from_a is 'Local part before.';
comment on column username.swap.from_b is 'Local part before.';
comment on column username.swap.temporary_a is 'Local part meanwhile.';
comment on column username.swap.temporary_b is 'Local part meanwhile.';
comment on column username.swap.to_a is 'Local part afterwards.';
comment on column username.swap.to_b is 'Local part afterwards.';
comment on column username.swap.step is 'temporary: the temporary names are given, and a complete pull is to read them; alias: the aliases are removed, the final names may be given; done; cancelled.';
comment on column username.swap.began_at is 'When the temporary names were given.';
comment on column username.swap.began_by is 'Who gave them.';
comment on column username.swap.alias_removed_at is 'When somebody said that the aliases are removed in Microsoft 365.';
comment on column username.swap.alias_removed_by is 'Who said so.';
comment on column username.swap.ended_at is 'When the final names were given, or the former ones again.';

call tenant.protect('username.swap');
call audit.watch('username.swap', 'swap_id');

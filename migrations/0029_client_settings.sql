-- What only some clients see: the domain of a user's address, the last day of an enrollment that is removed, the name of the school group.

-- The constraints hold for what is written from now on: no row has the columns yet, so none has to be looked at under the lock.
alter table roster.object_version
    add column email_domain text,
    add column ended_on date,
    add constraint object_version_email_domain_of_user check (email_domain is null or kind = 'users') not valid,
    add constraint object_version_ended_on_of_removed_enrollment
        check (ended_on is null or (kind = 'enrollments' and status = 'tobedeleted')) not valid;
comment on column roster.object_version.email_domain is 'Of a user, the domain of their address where the username has none, as far as it is known. Only clients with the setting email are told; part of the hash while there is such a client.';
comment on column roster.object_version.ended_on is 'Of a removed enrollment, the last day it was true: from the causes of the removal, else the day before that of the generation. Null where a build that did not know it removed it, until a publication fills it: roster.last_day_of_removed says it meanwhile. Only clients with the setting ended_enrollments are told; no part of the hash.';
comment on column roster.object_version.content_hash is 'SHA-256 of the content; where there is an email_domain and a client is told addresses, of the content, a zero byte and that domain.';

create function roster.last_day_of_removed(of_tenant_id text, enrollment text, number bigint) returns date
language sql stable
as $$
    with first as (
        -- Where the removal began: later versions of it only have another date.
        select v.from_number, v.content::json as content, v.causes
        from roster.object_version v
        where v.tenant_id = of_tenant_id and v.kind = 'enrollments' and v.sourced_id = enrollment
          and v.status = 'tobedeleted' and v.from_number <= number
          and not exists (
              select from roster.object_version a
              where a.tenant_id = of_tenant_id and a.kind = 'enrollments' and a.sourced_id = enrollment
                and a.status = 'active' and a.from_number > v.from_number and a.from_number < number)
        order by v.from_number
        limit 1
    ), removal as (
        select first.causes,
               (select u.causes from roster.object_version u
                where u.tenant_id = of_tenant_id and u.kind = 'users' and u.sourced_id = first.content -> 'user' ->> 'sourcedId'
                  and u.from_number = first.from_number and u.status = 'tobedeleted') as causes_of_user,
               first.content ->> 'role' as role, first.content -> 'school' ->> 'sourcedId' as school,
               (first.content ->> 'beginDate')::date as begin_date,
               least(g.reference_date, g.today) as day
        from first
        join roster.generation g on g.tenant_id = of_tenant_id and g.number = first.from_number
    ), known as (
        select removal.begin_date, removal.day, least(removal.day - 1, (
            -- What ended at its school and in its role goes before what else ended, and its own causes before those of the user.
            select max(last_day)
            from (
                select place, (cause ->> 'last_day')::date as last_day,
                       coalesce(case cause ->> 'code'
                           when 'registration_ended' then removal.role = 'student' and cause ->> 'org' = removal.school
                           when 'left_class' then removal.role = 'student'
                           else removal.role = 'teacher'
                       end, false) as fits
                from (values (1, removal.causes), (2, removal.causes_of_user)) as stored (place, causes)
                cross join lateral jsonb_array_elements(stored.causes) as cause
            ) as named
            where last_day is not null
            group by fits, place
            order by fits desc, place
            limit 1
        )) as ended_on
        from removal
    )
    select case when begin_date <= day then greatest(ended_on, begin_date) else ended_on end from known
$$;
comment on function roster.last_day_of_removed(text, text, bigint) is 'The last day a removed enrollment was true, by what is stored of its removal: what a publication writes to ended_on at once. Of the version of this generation, a tombstone.';

alter table roster.generation add column group_name text;
-- Of each tenant only the generation that is served.
update roster.generation g set group_name = t.configuration ->> 'name'
    from tenant.tenant t, roster.head h where t.tenant_id = g.tenant_id and h.tenant_id = g.tenant_id and h.number = g.number;
comment on column roster.generation.group_name is 'Name of the school group in the configuration it was computed from. Only clients with the setting district_org are told. Null where a build that did not know it published.';

-- What only some clients see: the domain of a user's address, the last day of an enrollment that is removed, the name of the school group.

alter table roster.object_version
    add column email_domain text,
    add column ended_on date,
    add constraint object_version_email_domain_of_user check (email_domain is null or kind = 'users'),
    add constraint object_version_ended_on_of_removed_enrollment check (ended_on is null or (kind = 'enrollments' and status = 'tobedeleted'));
comment on column roster.object_version.email_domain is 'Of a user, the domain of their address where the username has none, as far as it is known. Only clients with the setting email are told; part of the hash.';
comment on column roster.object_version.ended_on is 'Of a removed enrollment, the last day it was true: from the causes of the removal, else the day before that of the generation. Only clients with the setting ended_enrollments are told; no part of the hash.';
comment on column roster.object_version.content_hash is 'SHA-256 of the content; where there is an email_domain, of the content, a zero byte and that domain.';

-- Enrollments that were removed before: the same, of the causes that were kept. Those of one whose user is gone stand at the user.
with removed as (
    select v.tenant_id, v.sourced_id, v.from_number, v.content::json ->> 'beginDate' as begin_date,
           least(g.reference_date, g.today) as day,
           (select max((cause ->> 'last_day')::date)
              from roster.object_version w
             cross join lateral jsonb_array_elements(w.causes) as cause
             where w.tenant_id = v.tenant_id and w.from_number = v.from_number
               and ((w.kind = 'enrollments' and w.sourced_id = v.sourced_id)
                 or (w.kind = 'users' and w.status = 'tobedeleted'
                     and w.sourced_id = v.content::json -> 'user' ->> 'sourcedId'))) as last_day
      from roster.object_version v
      join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.from_number
     where v.kind = 'enrollments' and v.status = 'tobedeleted'
)
update roster.object_version v
   set ended_on = case
           when removed.begin_date::date <= removed.day
           then greatest(least(removed.last_day, removed.day - 1), removed.begin_date::date)
           else least(removed.last_day, removed.day - 1)
       end
  from removed
 where v.tenant_id = removed.tenant_id and v.kind = 'enrollments' and v.sourced_id = removed.sourced_id
   and v.from_number = removed.from_number;

alter table roster.generation add column group_name text;
update roster.generation g set group_name = t.configuration ->> 'name' from tenant.tenant t where t.tenant_id = g.tenant_id;
comment on column roster.generation.group_name is 'Name of the school group in the configuration it was computed from. Only clients with the setting district_org are told. Null where a build that did not know it published.';

-- Corrections: an entry of one row is no entry of several from which all were taken; a former name that was handed over goes under the last
-- of its ids too; and the day on which something changes next counts the grace days of staff.

create or replace function audit.only_erase() returns trigger
language plpgsql
as $$
declare
    is_emptied boolean := new.source is null and new.key is null and new.before is null and new.after is null and new.rows is null
        and new.detail = jsonb_build_object('erased', old.source);
    is_same_row boolean := new.source = old.source and new.key = old.key and new.detail is null;
    person text := coalesce(old.key ->> 'rowguid', old.after ->> 'rowguid', old.before ->> 'rowguid');
begin
    if new.erased_at is not null and old.source is not null and is_emptied
        and not exists (select from tenant.tenant t where t.tenant_id = old.tenant_id)
    then
        return new;
    end if;
    if old.source like 'username.%' and new.erased_at is not null
        and (
            is_emptied and (audit.is_of_erased(old) or audit.is_of_forgotten(old))
            or old.source = 'username.retired' and is_same_row and new.rows is null
                and (new.before is null and new.after = old.after and audit.is_erased(old.tenant_id, old.before ->> 'rowguid')
                     or new.before = '{}' and new.after = old.after and audit.has_forgotten(old.tenant_id, old.before ->> 'rowguid')
                     or new.before = old.before and new.after is null and audit.has_forgotten(old.tenant_id, old.after ->> 'rowguid'))
            or is_same_row and old.rows is null and new.rows is null
                and audit.lacks_names_only(old.tenant_id, old.source, person, old.before, new.before)
                and audit.lacks_names_only(old.tenant_id, old.source, person, old.after, new.after)
            or is_same_row and old.rows is not null and new.before is null and new.after is null
                and json_array_length(new.rows) = json_array_length(old.rows)
                and not exists (
                    select from json_array_elements(old.rows) with ordinality as was (image, place)
                    join json_array_elements(new.rows) with ordinality as becomes (image, place) using (place)
                    where was.image::text <> becomes.image::text
                      and not audit.lacks_names_only(old.tenant_id, old.source, was.image ->> 'rowguid',
                                                     was.image::jsonb, becomes.image::jsonb))
            or is_same_row and old.rows is not null and new.before is null and new.after is null
                and not exists (
                    select value::text from json_array_elements(new.rows)
                    except all select value::text from json_array_elements(old.rows))
                and not exists (
                    select from json_array_elements(old.rows) as gone (image)
                    where image::text not in (select value::text from json_array_elements(new.rows))
                      and not coalesce(
                          audit.is_erased(old.tenant_id, image ->> 'rowguid')
                          or old.source = 'username.retired' and audit.has_forgotten(old.tenant_id, image ->> 'rowguid'), false))
        )
    then
        return new;
    end if;
    raise exception using errcode = 'insufficient_privilege', message = 'entries of the audit trail are not changed, but for what is erased';
end
$$;

create or replace function audit.forget_name_entries(of_tenant_id text, person uuid, forgotten text, before_position bigint) returns void
language plpgsql
as $$
declare
    id text := person::text;
    swaps text[] := array(
        select distinct key ->> 'swap_id' from audit.entry
        where tenant_id = of_tenant_id and position < before_position and source = 'username.swap'
          and id in (after ->> 'person_a', after ->> 'person_b', before ->> 'person_a', before ->> 'person_b')
          and exists (
              select from jsonb_each_text(coalesce(after, '{}') || coalesce(before, '{}')) m
              where m.key in ('from_a', 'from_b', 'temporary_a', 'temporary_b', 'to_a', 'to_b') and lower(m.value) = forgotten));
begin
    -- Who a swap is of stands in its first entry: that one goes last.
    update audit.entry e
    set source = null, key = null, before = null, after = null, rows = null, erased_at = clock_timestamp(),
        detail = jsonb_build_object('erased', e.source)
    where tenant_id = of_tenant_id and position < before_position and rows is null
      and source = 'username.swap' and key ->> 'swap_id' = any(swaps)
      and coalesce(after ->> 'person_a', before ->> 'person_a') is null;
    update audit.entry e
    set source = null, key = null, before = null, after = null, rows = null, erased_at = clock_timestamp(),
        detail = jsonb_build_object('erased', e.source)
    where tenant_id = of_tenant_id and position < before_position and rows is null and (
        source = 'username.swap' and key ->> 'swap_id' = any(swaps)
        or source = 'username.retired' and key ->> 'name' = forgotten
           and (after ->> 'rowguid' = id and coalesce(before, '{}') = '{}' or before ->> 'rowguid' = id and after is null)
    );
    -- A former name of others too stays theirs: made again, there is no row while it was this person's.
    update audit.entry e
    set before = case when before ->> 'rowguid' = id then '{}' else before end,
        after = case when after ->> 'rowguid' <> id then after end, erased_at = clock_timestamp()
    where tenant_id = of_tenant_id and position < before_position and rows is null
      and source = 'username.retired' and key ->> 'name' = forgotten
      and id in (before ->> 'rowguid', after ->> 'rowguid') and before ->> 'rowguid' <> after ->> 'rowguid';
    update audit.entry e
    set before = audit.without_name(e.source, e.before, id, forgotten), after = audit.without_name(e.source, e.after, id, forgotten),
        erased_at = clock_timestamp()
    where tenant_id = of_tenant_id and position < before_position and rows is null
      and (source = 'username.record' and key ->> 'rowguid' = id
           or source = 'username.change' and id in (after ->> 'rowguid', before ->> 'rowguid'))
      and (audit.without_name(e.source, e.before, id, forgotten) is distinct from e.before
           or audit.without_name(e.source, e.after, id, forgotten) is distinct from e.after);
    update audit.entry e
    set rows = kept.images, erased_at = clock_timestamp(),
        source = case when kept.images is not null then e.source end,
        key = case when kept.images is not null then e.key end,
        detail = case when kept.images is null then jsonb_build_object('erased', e.source) end
    from (
        select s.entry_id, json_agg(
                   case when image.value ->> 'rowguid' = id and audit.without_name(s.source, image.value::jsonb, id, forgotten) <> image.value::jsonb
                       then audit.without_name(s.source, image.value::jsonb, id, forgotten)::json else image.value end
                   order by image.place
               ) filter (where not (s.source = 'username.retired' and image.value ->> 'rowguid' = id
                                    and image.value ->> 'name' = forgotten)) as images
        from audit.entry s cross join lateral json_array_elements(s.rows) with ordinality as image (value, place)
        where s.tenant_id = of_tenant_id and s.position < before_position
          and s.source in ('username.record', 'username.change', 'username.retired')
          and strpos(s.rows::text, id) > 0 and strpos(lower(s.rows::text), forgotten) > 0
        group by s.entry_id
        having bool_or(image.value ->> 'rowguid' = id
                       and (audit.without_name(s.source, image.value::jsonb, id, forgotten) <> image.value::jsonb
                            or s.source = 'username.retired' and image.value ->> 'name' = forgotten))
    ) kept
    where e.tenant_id = of_tenant_id and e.entry_id = kept.entry_id;
    update audit.head h set erased_before = greatest(h.erased_before, before_position) where h.tenant_id = of_tenant_id;
end
$$;

-- The days on which something changes were told without the grace days of staff: each school group is judged on the next new day.
update roster.evaluation set next_change = null where next_change is not null;

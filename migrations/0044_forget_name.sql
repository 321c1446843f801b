-- A former username of somebody who stays is forgotten (docs/privacy.md): out of the history of their record, what was published and the
-- audit trail. Their id and who had it done stay, and a hash of the name, so that nobody else gets it.

create function audit.is_name(value text, name text) returns boolean
language sql immutable
as $$ select coalesce(lower(split_part(value, '@', 1)) = name, false) $$;
comment on function audit.is_name(text, text) is 'Whether a username, with or without a domain, has this local part, which is in lower case.';

create function audit.without_name(source text, image jsonb, person text, name text) returns jsonb
language sql immutable
as $$
    select case
        when source = 'username.record' and audit.is_name(image ->> 'local_part', name)
            -- Every record has a name at every moment, also while its changes are made again.
            then image || jsonb_build_object('local_part', '~' || replace(person, '-', ''))
        when source = 'username.change' and image ->> 'field' in ('created', 'local_part')
            then image
                || case when audit.is_name(image ->> 'old_value', name) then '{"old_value": null}'::jsonb else '{}' end
                || case when audit.is_name(image ->> 'new_value', name) then '{"new_value": null}'::jsonb else '{}' end
        else image end
$$;
comment on function audit.without_name(text, jsonb, text, text) is 'The image of a row of somebody''s record or its history without a name of theirs.';

create function audit.has_forgotten(of_tenant_id text, person text) returns boolean
language sql stable
as $$
    select exists (
        select from tenant.decision d
        where d.tenant_id = of_tenant_id and d.decision = 'name_forgotten' and d.detail ->> 'person' = person)
$$;
comment on function audit.has_forgotten(text, text) is 'Whether it is on record that a name of a person was forgotten.';

create function audit.lacks_names_only(of_tenant_id text, source text, person text, old_image jsonb, new_image jsonb) returns boolean
language sql stable
as $$
    select old_image is not distinct from new_image or coalesce(
        audit.has_forgotten(of_tenant_id, person)
        and case source
            when 'username.record' then old_image ? 'local_part'
                and new_image = old_image || jsonb_build_object('local_part', '~' || replace(person, '-', ''))
            when 'username.change' then old_image ->> 'field' in ('created', 'local_part')
                and new_image - '{old_value,new_value}'::text[] = old_image - '{old_value,new_value}'::text[]
                and (new_image ->> 'old_value' is null or new_image -> 'old_value' = old_image -> 'old_value')
                and (new_image ->> 'new_value' is null or new_image -> 'new_value' = old_image -> 'new_value')
            else false end, false)
$$;
comment on function audit.lacks_names_only(text, text, text, jsonb, jsonb) is 'Whether an image is another one, but for names of somebody of whom a name was forgotten.';

create function audit.is_of_forgotten(entry audit.entry) returns boolean
language sql stable
as $$
    select case
        when entry.rows is not null then entry.source = 'username.retired' and not exists (
            select from json_array_elements(entry.rows) as image (content)
            where not coalesce(audit.has_forgotten(entry.tenant_id, image.content ->> 'rowguid'), false))
        when entry.source = 'username.retired'
            then audit.has_forgotten(entry.tenant_id, coalesce(entry.after ->> 'rowguid', entry.before ->> 'rowguid'))
        when entry.source = 'username.swap' then exists (
            select from audit.entry s
            cross join lateral unnest(array[s.after ->> 'person_a', s.after ->> 'person_b', s.before ->> 'person_a', s.before ->> 'person_b'])
                as named (person)
            where s.tenant_id = entry.tenant_id and s.source = 'username.swap' and s.key = entry.key
              and audit.has_forgotten(s.tenant_id, named.person))
        else false end
$$;
comment on function audit.is_of_forgotten(audit.entry) is 'Whether an entry is about former names only, or a swap, of people of whom a name was forgotten.';

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
            or is_same_row and new.before is null and new.after is null
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
comment on function audit.only_erase() is 'Lets out of an entry only what it said of a person whose erasure is on record, names of somebody of whom one was forgotten, and what it said of a tenant that is gone.';

create function audit.forget_name_state(of_tenant_id text, person uuid, forgotten text, forgotten_at timestamptz) returns void
language plpgsql
as $$
declare
    was_replaying text := coalesce(current_setting('oneroster.replaying', true), '');
begin
    -- No entries with what goes: that it was forgotten is one, and is what is made again.
    perform set_config('oneroster.replaying', 'on', true);
    delete from username.swap
    where tenant_id = of_tenant_id and person in (person_a, person_b) and began_at < forgotten_at
      and forgotten in (lower(from_a), lower(from_b), lower(temporary_a), lower(temporary_b), lower(to_a), lower(to_b));
    delete from username.retired
    where tenant_id = of_tenant_id and rowguid = person and name = forgotten and retired_at < forgotten_at;
    update username.change
    set old_value = case when not audit.is_name(old_value, forgotten) then old_value end,
        new_value = case when not audit.is_name(new_value, forgotten) then new_value end
    where tenant_id = of_tenant_id and rowguid = person and field in ('created', 'local_part') and changed_at < forgotten_at
      and (audit.is_name(old_value, forgotten) or audit.is_name(new_value, forgotten));
    perform set_config('oneroster.replaying', was_replaying, true);
end
$$;
comment on function audit.forget_name_state(text, uuid, text, timestamptz) is 'Takes a former name out of what is known of a person: history, former names, swaps; only from before a moment, since they may have it again.';

create function audit.forget_name_entries(of_tenant_id text, person uuid, forgotten text, before_position bigint) returns void
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
           and (after ->> 'rowguid' = id and before is null or before ->> 'rowguid' = id and after is null)
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
comment on function audit.forget_name_entries(text, uuid, text, bigint) is 'Takes a former name of a person out of the entries of the audit trail before a position.';

create function roster.forget_name(of_tenant_id text, person uuid, forgotten text, instead text) returns void
language sql
as $$
    update roster.object_version v set content = renamed.content, content_hash = sha256(convert_to(renamed.content, 'UTF8'))
    from (
        select o.from_number, '{' || string_agg(to_json(m.key)::text || ':' || case
                when m.key in ('username', 'email') and audit.is_name(m.value #>> '{}', forgotten)
                    then to_json(instead || substr(m.value #>> '{}', length(forgotten) + 1))::text
                else m.value::text end, ',' order by m.place) || '}' as content
        from roster.object_version o cross join lateral json_each(o.content::json) with ordinality as m (key, value, place)
        where o.tenant_id = of_tenant_id and o.kind = 'users' and o.sourced_id = person::text
          and (audit.is_name(o.content::json ->> 'username', forgotten) or audit.is_name(o.content::json ->> 'email', forgotten))
        group by o.from_number
    ) renamed
    where v.tenant_id = of_tenant_id and v.kind = 'users' and v.sourced_id = person::text and v.from_number = renamed.from_number
$$;
comment on function roster.forget_name(text, uuid, text, text) is 'Puts the name that a person has in the place of one that is forgotten, in what was ever published of them: whoever still reads an old state renames nobody.';

create or replace function audit.replay(replayed_tenant_id text, entries jsonb[]) returns void
language plpgsql
as $$
declare
    entry jsonb;
    target text;
    keys jsonb;
    image jsonb;
    columns text;
    matches text;
    touched bigint;
    is_counted boolean;
begin
    perform set_config('oneroster.replaying', 'on', true);
    foreach entry in array entries loop
        target := entry ->> 'source';
        -- Nothing refers to the numbers of their rows.
        is_counted := target in ('username.change', 'tenant.decision');
        -- Only tables that are watched, so that a file names no other.
        if not exists (select from pg_catalog.pg_trigger where tgrelid = to_regclass(target) and tgname = 'audit_insert') then
            raise exception 'entry % is of table %, which no change is made again in', entry ->> 'entry_id', target;
        end if;
        if jsonb_typeof(entry -> 'rows') = 'array' then
            perform audit.replay_set(replayed_tenant_id, entry, is_counted);
            continue;
        end if;
        keys := (entry -> 'key') || jsonb_build_object('tenant_id', replayed_tenant_id);
        matches := (select string_agg(format('t.%1$I = r.%1$I', k), ' and ') from jsonb_object_keys(keys) k);
        if jsonb_typeof(entry -> 'after') is distinct from 'object' then
            execute format('delete from %1$s t using jsonb_populate_record(null::%1$s, $1) r where %2$s', target, matches) using keys;
            continue;
        end if;
        image := (entry -> 'after') || keys;
        if jsonb_typeof(entry -> 'before') is distinct from 'object' then
            columns := (select string_agg(format('%I', k), ', ') from jsonb_object_keys(image) k);
            execute format('insert into %1$s (%2$s) overriding system value select %2$s from jsonb_populate_record(null::%1$s, $1)%3$s',
                           target, columns, case when is_counted then ' on conflict do nothing' end) using image;
            get diagnostics touched = row_count;
            if touched = 0 then
                -- Somebody else got the number, after the database went back and before that was seen.
                image := image - array(select jsonb_object_keys(entry -> 'key'));
                columns := (select string_agg(format('%I', k), ', ') from jsonb_object_keys(image) k);
                execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', target, columns)
                using image;
            end if;
        else
            columns := (select string_agg(format('%1$I = r.%1$I', k), ', ') from jsonb_object_keys(entry -> 'after') k);
            execute format('update %1$s t set %2$s from jsonb_populate_record(null::%1$s, $1) r where %3$s', target, columns, matches)
            using image;
            get diagnostics touched = row_count;
            if touched = 0 and entry -> 'before' = '{}' then
                -- What was before was erased: it may have been nothing.
                columns := (select string_agg(format('%I', k), ', ') from jsonb_object_keys(image) k);
                execute format('insert into %1$s (%2$s) overriding system value select %2$s from jsonb_populate_record(null::%1$s, $1)',
                               target, columns) using image;
                touched := 1;
            end if;
            if touched <> 1 then
                raise exception using errcode = 'no_data_found', message = format(
                    'entry %s changes a row of %s that is not there: the backup is older than the audit trail',
                    entry ->> 'entry_id', target);
            end if;
        end if;
    end loop;
end
$$;
comment on function audit.replay(text, jsonb[]) is 'Makes changes of rows again, in the scope of their tenant.';

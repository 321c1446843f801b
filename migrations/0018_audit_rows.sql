-- Many new usernames at once are entered together: an import made an entry a row, two for a person, and took half as long again for it.

alter table audit.entry
    add column rows json,
    drop constraint entry_event_or_row,
    add constraint entry_event_or_row check (
        (source is null) = (key is null) and (source is null) = (detail is not null)
        and (source is not null or (before is null and after is null and rows is null))
        and (rows is null or (before is null and after is null))
    );
comment on column audit.entry.rows is 'Of many new rows of one statement: their columns, in an array of at most 500. A column that is null in all rows of the statement is left out.';
comment on column audit.entry.key is 'The columns that identify the row, the tenant left out; of many rows, the names of these columns.';

create or replace function audit.capture() returns trigger
language plpgsql
as $$
declare
    captured text := tg_table_schema || '.' || tg_table_name;
    join_columns text := concat_ws(', ', 'tenant_id', nullif(array_to_string(tg_argv, ', '), ''));
    key_object text := 'jsonb_build_object(' || coalesce((select string_agg(format('%L, %1$I', k), ', ') from unnest(tg_argv) k), '') || ')';
    -- Nulls are left out of whole rows; those within a column of JSON are part of it.
    filled text := case when exists (
        select from pg_catalog.pg_attribute where attrelid = tg_relid and atttypid = 'jsonb'::regtype and not attisdropped
    ) then 'audit.filled' else 'jsonb_strip_nulls' end;
    images text;
    touched text;
    differing text[];
    matched bigint;
    held text;
    is_any boolean := false;
    is_set boolean := false;
    set_columns text;
begin
    if current_setting('oneroster.replaying', true) = 'on' then
        return null;
    end if;
    if tg_op = 'INSERT' then
        touched := 'select distinct tenant_id from new_rows order by 1';
        is_set := tg_table_schema = 'username' and (select count(*) >= 50 from (select from new_rows limit 50) n);
        images := format('select tenant_id, %s as key, null::jsonb as before, %s(to_jsonb(n) - ''tenant_id'') as after from new_rows n',
                         key_object, filled);
    elsif tg_op = 'DELETE' then
        touched := 'select distinct tenant_id from old_rows order by 1';
        images := format('select tenant_id, %s as key, %s(to_jsonb(o) - ''tenant_id'') as before, null::jsonb as after from old_rows o',
                         key_object, filled);
    else
        touched := 'select tenant_id from new_rows union select tenant_id from old_rows order by 1';
        -- Which columns differ anywhere: mostly one or two of many.
        execute format('select count(*), array_remove(array[%s]::text[], null) from old_rows o join new_rows n using (%s)',
            (select string_agg(format('case when bool_or(o.%1$I is distinct from n.%1$I) then %1$L end', attname), ', ')
             from pg_catalog.pg_attribute
             where attrelid = tg_relid and attnum > 0 and not attisdropped and attname <> 'tenant_id'), join_columns)
        into matched, differing;
        if matched <> (select count(*) from new_rows) then
            -- A row whose key changed is a deleted one and a new one.
            images := format(
                'select tenant_id, %1$s as key,
                        case when n.tenant_id is null then %3$s(to_jsonb(o) - ''tenant_id'')
                             when o.tenant_id is not null then audit.changed(to_jsonb(o), to_jsonb(n)) end as before,
                        case when o.tenant_id is null then %3$s(to_jsonb(n) - ''tenant_id'')
                             when n.tenant_id is not null then audit.changed(to_jsonb(n), to_jsonb(o)) end as after
                 from old_rows o full join new_rows n using (%2$s)
                 where to_jsonb(o) is distinct from to_jsonb(n)', key_object, join_columns, filled);
        elsif differing = '{}' then
            return null;
        else
            images := (
                select format(
                    'select tenant_id, %1$s as key, %2$s as before, %3$s as after
                     from old_rows o join new_rows n using (%4$s) where %5$s',
                    key_object,
                    case when cardinality(differing) = 1 then old_image else format('audit.changed(%s, %s)', old_image, new_image) end,
                    case when cardinality(differing) = 1 then new_image else format('audit.changed(%s, %s)', new_image, old_image) end,
                    join_columns, differs)
                from (
                    select 'jsonb_build_object(' || string_agg(format('%1$L, o.%1$I', c), ', ') || ')' as old_image,
                           'jsonb_build_object(' || string_agg(format('%1$L, n.%1$I', c), ', ') || ')' as new_image,
                           string_agg(format('o.%1$I is distinct from n.%1$I', c), ' or ') as differs
                    from unnest(differing) c
                ) image
            );
        end if;
    end if;
    for held in execute touched loop
        perform audit.lock_head(held);
        is_any := true;
    end loop;
    if not is_any then
        return null;
    end if;
    if is_set then
        execute format('select array_to_string(array[%s], '', '')',
            (select string_agg(format('case when exists (select from new_rows n where n.%1$I is not null) then %2$L end',
                                      attname, 'n.' || quote_ident(attname)), ', ' order by attnum)
             from pg_catalog.pg_attribute
             where attrelid = tg_relid and attnum > 0 and not attisdropped and attname <> 'tenant_id'))
        into set_columns;
        execute format(
            'with written as (
                 insert into audit.entry (tenant_id, at, by, origin, kind, source, key, rows)
                 select n.tenant_id, $1, $2, $3, audit.kind($4, null, ''{}''), $4, $5, json_agg(row_to_json(image))
                 from (select (row_number() over (partition by tenant_id) - 1) / 500 as part, n.* from new_rows n) n
                 cross join lateral (select %s) image
                 group by n.tenant_id, n.part
                 order by n.tenant_id, n.part
                 returning tenant_id, position, entry_id
             )
             update audit.head h set position = w.position, entry_id = w.entry_id
             from (select distinct on (tenant_id) tenant_id, position, entry_id from written order by tenant_id, position desc) w
             where h.tenant_id = w.tenant_id', set_columns)
        using clock_timestamp(), audit.author(), audit.origin(), captured, to_jsonb(tg_argv);
        return null;
    end if;
    -- One moment for all rows of a statement: that is how they are told to belong together.
    execute format(
        'with written as (
             insert into audit.entry (tenant_id, at, by, origin, kind, source, key, before, after)
             select tenant_id, $1, $2, $3, audit.kind($4, before, after), $4, key, before, after
             from (%s offset 0) image
             returning tenant_id, position, entry_id
         )
         update audit.head h set position = w.position, entry_id = w.entry_id
         from (select distinct on (tenant_id) tenant_id, position, entry_id from written order by tenant_id, position desc) w
         where h.tenant_id = w.tenant_id', images)
    using clock_timestamp(), audit.author(), audit.origin(), captured;
    return null;
end
$$;
comment on function audit.capture() is 'Enters the rows that a statement changed; 50 new ones or more of schema username by 500 in an entry. Says nothing while entries are made again.';

-- Adds the rows of an entry that has many.
create function audit.replay_set(replayed_tenant_id text, entry jsonb, is_counted boolean) returns void
language plpgsql
as $$
declare
    target text := entry ->> 'source';
    columns text := (select string_agg(format('%I', c), ', ') from jsonb_object_keys(entry #> '{rows,0}') c);
    is_taken boolean := false;
begin
    if is_counted then
        execute format(
            'select exists (select from %1$s t join jsonb_populate_recordset(null::%1$s, $1) r using (%2$s) where t.tenant_id = $2)', target,
            (select string_agg(format('%I', c), ', ') from jsonb_array_elements_text(entry -> 'key') c))
        into is_taken using entry -> 'rows', replayed_tenant_id;
    end if;
    if is_taken then
        -- Somebody else got the number of one: each is looked at.
        perform audit.replay(replayed_tenant_id, array(
            select (entry - 'rows') || jsonb_build_object(
                'key', (select jsonb_object_agg(c, image -> c) from jsonb_array_elements_text(entry -> 'key') c),
                'after', image - array(select jsonb_array_elements_text(entry -> 'key')))
            from jsonb_array_elements(entry -> 'rows') with ordinality as given (image, place)
            order by place));
        return;
    end if;
    execute format('insert into %1$s (tenant_id, %2$s) overriding system value select $2, %2$s from jsonb_populate_recordset(null::%1$s, $1)',
                   target, columns)
    using entry -> 'rows', replayed_tenant_id;
end
$$;
comment on function audit.replay_set(text, jsonb, boolean) is 'Adds the rows of an entry that has many; `is_counted` if their numbers may have been given to others meanwhile.';

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
        if target not in ('tenant.tenant', 'tenant.decision', 'auth.client', 'auth.client_secret', 'username.record',
                          'username.change', 'username.retired') then
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

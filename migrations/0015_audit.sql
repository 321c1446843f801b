-- The audit trail: every change of what only we own, who made it, when and from where. Servers and commands copy it to files outside
-- the database, from which a database that went back is brought forward (docs/operations.md, `oneroster recover`).

create schema audit;
comment on schema audit is 'The audit trail.';

create table audit.head (
    tenant_id text collate "C" not null,
    position bigint not null default 0,
    entry_id uuid,
    lacking uuid,
    lacking_since timestamptz,
    lacking_by text,
    constraint head_pk primary key (tenant_id),
    constraint head_lacking check ((lacking is null) = (lacking_since is null) and (lacking is null) = (lacking_by is null))
);
comment on table audit.head is 'The newest entry of each tenant. Whoever writes entries locks this row until their transaction ends, so that entries become visible in the order of their positions. No foreign key: the trail outlives the tenant.';
comment on column audit.head.tenant_id is 'The tenant.';
comment on column audit.head.position is 'Position of its newest entry; 0 before the first.';
comment on column audit.head.entry_id is 'Id of its newest entry.';
comment on column audit.head.lacking is 'An entry that files have and the database lacks: it went back, and no entry is accepted until `oneroster recover`. Null while nothing is known to be missing; the id of nothing for lost tickets or generations.';
comment on column audit.head.lacking_since is 'When that was noticed.';
comment on column audit.head.lacking_by is 'Where it was noticed: the command or server, its host and its folder.';

create table audit.entry (
    tenant_id text collate "C" not null,
    entry_id uuid not null default gen_random_uuid(),
    position bigint generated always as identity,
    at timestamptz not null default clock_timestamp(),
    by text not null,
    origin text not null,
    kind text collate "C" not null,
    detail jsonb,
    source text collate "C",
    key jsonb,
    before jsonb,
    after jsonb,
    constraint entry_pk primary key (tenant_id, entry_id),
    constraint entry_kind_form check (kind ~ '^[a-z_]+$'),
    constraint entry_event_or_row check (
        (source is null) = (key is null) and (source is null) = (detail is not null)
        and (source is not null or (before is null and after is null))
    )
);
create unique index entry_position on audit.entry (tenant_id, position);
comment on table audit.entry is 'Who did what, when and from where. Only added to. A row that changed is kept as its columns before and after, so that the change can be made again.';
comment on index audit.entry_position is 'The entries of a tenant in order.';
comment on column audit.entry.tenant_id is 'The tenant.';
comment on column audit.entry.entry_id is 'Random: an entry is the same one in the database and in files.';
comment on column audit.entry.position is 'Counts up within the tenant in the order of commits.';
comment on column audit.entry.at is 'When.';
comment on column audit.entry.by is 'Who: a name given, the account of the operating system (os:NAME), system, or the user of the database (db:NAME).';
comment on column audit.entry.origin is 'From where: the command or server and its host, or the application and address of the session.';
comment on column audit.entry.kind is 'What, in a word.';
comment on column audit.entry.detail is 'Of what is no changed row: ids, counts and dates.';
comment on column audit.entry.source is 'The table of a changed row, with its schema.';
comment on column audit.entry.key is 'The columns that identify the row, the tenant left out.';
comment on column audit.entry.before is 'The columns that changed, as they were; all of a deleted row that are not null; null for a new row.';
comment on column audit.entry.after is 'The columns that changed, as they are; all of a new row that are not null; null for a deleted row.';

call tenant.protect('audit.head');
call tenant.protect('audit.entry');
revoke update, delete on audit.entry from oneroster_tenant;
grant usage on schema audit to oneroster_service;
grant select (tenant_id, position, entry_id, lacking, lacking_by) on audit.head to oneroster_service;
create policy all_tenants on audit.head for select to oneroster_service using (true);
comment on policy all_tenants on audit.head is 'Every server asks each second whether there are entries that its files lack, or the other way round.';

-- What a recovered database must not give out again.
alter table roster.head
    add column tickets_signed timestamptz,
    add column recovered_at timestamptz,
    add column redates boolean not null default false;
comment on column roster.head.tickets_signed is 'A moment that no ticket issued so far ends after, raised in steps. A server writes it to its audit files before it hands out a ticket.';
comment on column roster.head.recovered_at is 'When the tenant was last brought forward from audit files: usernames of before count as served, since lost generations may have held them.';
comment on column roster.head.redates is 'The next publication gives every object a new date: generations were lost, and consumers may hold what they said.';
grant select (tenant_id, number, generation_id, tickets_signed) on roster.head to oneroster_service;
create policy all_tenants on roster.head for select to oneroster_service using (true);
comment on policy all_tenants on roster.head is 'Every server asks each second whether tickets that it signed for are still known.';

create function audit.lock_head(locked_tenant_id text) returns void
language plpgsql
as $$
declare
    noticed text;
begin
    insert into audit.head as h (tenant_id) values (locked_tenant_id)
    on conflict (tenant_id) do update set position = h.position
    returning lacking_by into noticed;
    if noticed is not null and current_setting('oneroster.replaying', true) is distinct from 'on' then
        raise exception using errcode = 'object_not_in_prerequisite_state', message = format(
            'the database went back: it lacks entries of tenant %s that audit files have (noticed by %s); run `oneroster recover`',
            locked_tenant_id, noticed);
    end if;
end
$$;
comment on function audit.lock_head(text) is 'Makes entries of a tenant wait for each other until the transaction ends. Refuses while the database is known to lack entries.';

create function audit.author() returns text
language sql stable
as $$ select coalesce(nullif(current_setting('oneroster.by', true), ''), 'db:' || session_user) $$;
comment on function audit.author() is 'Who acts in this session or transaction.';

create function audit.origin() returns text
language sql stable
as $$
    select coalesce(
        nullif(current_setting('oneroster.origin', true), ''),
        concat_ws(' at ', coalesce(nullif(current_setting('application_name'), ''), 'sql'), host(inet_client_addr()))
    )
$$;
comment on function audit.origin() is 'From where this session acts.';

create function audit.kind(source text, before jsonb, after jsonb) returns text
language sql immutable
as $$
    select case source
        when 'tenant.tenant' then case when before is null then 'tenant_created' when after is null then 'tenant_deleted'
            else 'tenant_configured' end
        when 'tenant.decision' then coalesce(after ->> 'decision', before ->> 'decision', 'decision_changed')
        when 'auth.client' then case when before is null then 'client_created' when after is null then 'client_deleted'
            when after ->> 'revoked_at' is not null then 'client_revoked' else 'client_set' end
        when 'auth.client_secret' then case when before is null then 'secret_created' when after is null then 'secret_deleted'
            else 'secret_limited' end
        when 'username.record' then case when before is null then 'username_created' when after is null then 'username_deleted'
            when after ? 'local_part' or after ? 'domain' then 'username_changed' when after ? 'sync' then 'flag_changed'
            else 'record_changed' end
        when 'username.change' then case when before is null then 'history_added' when after is null then 'history_deleted'
            else 'history_changed' end
        when 'username.retired' then case when before is null then 'name_retired' when after is null then 'name_free'
            else 'name_passed_on' end
        else 'row_changed'
    end
$$;
comment on function audit.kind(text, jsonb, jsonb) is 'Names the kind of a changed row.';

create function audit.changed(before jsonb, after jsonb) returns jsonb
language sql immutable
as $$ select jsonb_object_agg(key, value) from jsonb_each(before) where value is distinct from after -> key $$;
create function audit.filled(image jsonb) returns jsonb
language sql immutable
as $$ select coalesce(jsonb_object_agg(key, value) filter (where value <> 'null'), '{}') from jsonb_each(image) $$;
comment on function audit.filled(jsonb) is 'The members of a row''s image that are not null; what is within them stays as it is.';
comment on function audit.changed(jsonb, jsonb) is 'The members of a row''s image that another one has with another value.';

-- One trigger a statement, not a row: an import allocates tens of thousands of usernames in one. The arguments are the columns of the
-- key, the tenant left out.
create function audit.capture() returns trigger
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
begin
    if current_setting('oneroster.replaying', true) = 'on' then
        return null;
    end if;
    if tg_op = 'INSERT' then
        touched := 'select distinct tenant_id from new_rows order by 1';
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
comment on function audit.capture() is 'Enters the rows that a statement changed. Says nothing while entries are made again.';

create function audit.note(noted_tenant_id text, noted_kind text, noted_detail jsonb) returns void
language plpgsql
as $$
begin
    perform audit.lock_head(noted_tenant_id);
    with written as (
        insert into audit.entry (tenant_id, by, origin, kind, detail)
        values (noted_tenant_id, audit.author(), audit.origin(), noted_kind, noted_detail)
        returning position, entry_id
    )
    update audit.head h set position = w.position, entry_id = w.entry_id from written w where h.tenant_id = noted_tenant_id;
end
$$;
comment on function audit.note(text, text, jsonb) is 'Enters what is no changed row.';

create procedure audit.watch(watched regclass, variadic key_columns text[])
language plpgsql
as $$
declare
    arguments text := (select string_agg(quote_literal(c), ', ') from unnest(key_columns) c where c <> '');
begin
    execute format('create trigger audit_insert after insert on %s referencing new table as new_rows
        for each statement execute function audit.capture(%s)', watched, arguments);
    execute format('create trigger audit_update after update on %s referencing old table as old_rows new table as new_rows
        for each statement execute function audit.capture(%s)', watched, arguments);
    execute format('create trigger audit_delete after delete on %s referencing old table as old_rows
        for each statement execute function audit.capture(%s)', watched, arguments);
    execute format('comment on trigger audit_insert on %s is ''Enters new rows into the audit trail.''', watched);
    execute format('comment on trigger audit_update on %s is ''Enters changed rows into the audit trail.''', watched);
    execute format('comment on trigger audit_delete on %s is ''Enters deleted rows into the audit trail.''', watched);
end
$$;
comment on procedure audit.watch(regclass, text[]) is 'Keeps a table with a column tenant_id in the audit trail, by the other columns of its key. For migrations.';
revoke execute on procedure audit.watch(regclass, text[]) from public;

call audit.watch('tenant.tenant', '');
call audit.watch('tenant.decision', 'decision_id');
call audit.watch('auth.client', 'client_id');
call audit.watch('auth.client_secret', 'client_id', 'secret_id');
call audit.watch('username.record', 'rowguid');
call audit.watch('username.change', 'change_id');
call audit.watch('username.retired', 'name');

-- Makes changes of rows again, in the order given. Which tables may be named is settled here, not by what stands in a file.
create function audit.replay(replayed_tenant_id text, entries jsonb[]) returns void
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

-- The counters of rows whose numbers come from entries.
create function audit.count_on(counted_tenant_id text) returns void
language plpgsql
as $$
begin
    perform setval('username.change_change_id_seq', greatest(coalesce(pg_sequence_last_value('username.change_change_id_seq'), 1),
        coalesce((select max(change_id) from username.change where tenant_id = counted_tenant_id), 1)));
    perform setval('auth.client_secret_secret_id_seq',
        greatest(coalesce(pg_sequence_last_value('auth.client_secret_secret_id_seq'), 1),
        coalesce((select max(secret_id) from auth.client_secret where tenant_id = counted_tenant_id), 1)));
    perform setval('tenant.decision_decision_id_seq',
        greatest(coalesce(pg_sequence_last_value('tenant.decision_decision_id_seq'), 1),
        coalesce((select max(decision_id) from tenant.decision where tenant_id = counted_tenant_id), 1)));
end
$$;
comment on function audit.count_on(text) is 'Lets the numbers of rows go on past those that were made again.';
grant select, update on sequence username.change_change_id_seq, auth.client_secret_secret_id_seq, tenant.decision_decision_id_seq
    to oneroster_tenant;

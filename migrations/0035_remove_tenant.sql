-- A tenant is taken away with everything of it. Of its trail stays what happened and when, with counts and dates: so a database that
-- went back is told that the tenant is gone, and what consumers were promised is kept.

create function audit.is_erased(erased_tenant_id text, person text) returns boolean
language sql stable
as $$
    select exists (
        select from tenant.decision d
        where d.tenant_id = erased_tenant_id and d.decision = 'person_erased' and d.detail ->> 'person' = person)
$$;
comment on function audit.is_erased(text, text) is 'Whether the erasure of a person is on record.';

create function audit.is_of_erased(entry audit.entry) returns boolean
language sql stable
as $$
    select case
        when entry.rows is not null then not exists (
            select from json_array_elements(entry.rows) as image (content)
            where not coalesce(audit.is_erased(entry.tenant_id, image.content ->> 'rowguid'), false))
        when entry.source = 'username.record' then audit.is_erased(entry.tenant_id, entry.key ->> 'rowguid')
        when entry.source = 'username.change'
            then audit.is_erased(entry.tenant_id, coalesce(entry.after ->> 'rowguid', entry.before ->> 'rowguid'))
        when entry.source = 'username.retired'
            then audit.is_erased(entry.tenant_id, coalesce(entry.after ->> 'rowguid', entry.before ->> 'rowguid'))
        when entry.source = 'username.swap' then exists (
            select from audit.entry s
            cross join lateral unnest(array[s.after ->> 'person_a', s.after ->> 'person_b', s.before ->> 'person_a', s.before ->> 'person_b'])
                as named (person)
            where s.tenant_id = entry.tenant_id and s.source = 'username.swap' and s.key = entry.key
              and audit.is_erased(s.tenant_id, named.person))
        else false end
$$;
comment on function audit.is_of_erased(audit.entry) is 'Whether an entry is about people only whose erasure is on record; that of a swap is about two.';

create or replace function audit.only_erase() returns trigger
language plpgsql
as $$
declare
    is_emptied boolean := new.source is null and new.key is null and new.before is null and new.after is null and new.rows is null
        and new.detail = jsonb_build_object('erased', old.source);
begin
    if new.erased_at is not null and old.source is not null and is_emptied
        and not exists (select from tenant.tenant t where t.tenant_id = old.tenant_id)
    then
        return new;
    end if;
    if old.source like 'username.%' and new.erased_at is not null
        and (
            is_emptied and audit.is_of_erased(old)
            or old.source = 'username.retired' and new.source = old.source and new.key = old.key and new.before is null
                and new.after = old.after and new.rows is null and new.detail is null
                and audit.is_erased(old.tenant_id, old.before ->> 'rowguid')
            or new.source = old.source and new.key = old.key and new.before is null and new.after is null and new.detail is null
                and not exists (
                    select value::text from json_array_elements(new.rows)
                    except all select value::text from json_array_elements(old.rows))
                and not exists (
                    select from json_array_elements(old.rows) as gone (image)
                    where image::text not in (select value::text from json_array_elements(new.rows))
                      and not coalesce(audit.is_erased(old.tenant_id, image ->> 'rowguid'), false))
        )
    then
        return new;
    end if;
    raise exception using errcode = 'insufficient_privilege', message = 'entries of the audit trail are not changed, but for what is erased';
end
$$;
comment on function audit.only_erase() is 'Lets out of an entry only what it said of a person whose erasure is on record, or of a tenant that is gone.';

create function audit.remove_tenant(removed_tenant_id text) returns void
language plpgsql
as $$
declare
    was_replaying text := coalesce(current_setting('oneroster.replaying', true), '');
begin
    -- No entries with what goes: the removal itself is one.
    perform set_config('oneroster.replaying', 'on', true);
    perform set_config('oneroster.loading', 'on', true);
    delete from tenant.tenant where tenant_id = removed_tenant_id;
    perform set_config('oneroster.loading', 'off', true);
    perform set_config('oneroster.replaying', was_replaying, true);
end
$$;
comment on function audit.remove_tenant(text) is 'Takes a tenant away with everything that refers to it; its trail stays.';

create function audit.erase_tenant_entries(removed_tenant_id text, before_position bigint) returns void
language plpgsql
as $$
begin
    update audit.entry
    set detail = jsonb_build_object('erased', source), source = null, key = null, before = null, after = null, rows = null,
        erased_at = clock_timestamp()
    where tenant_id = removed_tenant_id and position < before_position and source is not null;
    update audit.head h set erased_before = greatest(h.erased_before, before_position) where h.tenant_id = removed_tenant_id;
end
$$;
comment on function audit.erase_tenant_entries(text, bigint) is 'Takes the content of changed rows out of the entries of a tenant that is gone.';

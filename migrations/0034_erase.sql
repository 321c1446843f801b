-- Erasure of a person (docs/privacy.md): no name, username or birth date of theirs stays. What stays is their id, that they were erased, and
-- hashes of their usernames, so that nobody else gets one. The hashes are keyed by a key that the database has only encrypted.

create table username.erased_name (
    tenant_id text collate "C" not null,
    name_hash bytea not null,
    rowguid uuid not null,
    erased_at timestamptz not null default clock_timestamp(),
    constraint erased_name_pk primary key (tenant_id, name_hash),
    constraint erased_name_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint erased_name_hash_length check (octet_length(name_hash) = 32)
);
comment on table username.erased_name is 'Usernames of people who were erased, and names that were forgotten, as hashes: nobody else gets one, the same person does.';
comment on column username.erased_name.tenant_id is 'The tenant.';
comment on column username.erased_name.name_hash is 'HMAC-SHA-256 of the local part in lower case, by the key in username.name_key.';
comment on column username.erased_name.rowguid is 'Whose it was.';
comment on column username.erased_name.erased_at is 'When it was erased.';

create table username.name_key (
    tenant_id text collate "C" not null,
    sealed_key bytea not null,
    sealed_with text collate "C" not null,
    constraint name_key_pk primary key (tenant_id),
    constraint name_key_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade
);
comment on table username.name_key is 'What the hashes of erased names are keyed by. It stays the same when the encryption key is changed: then it is encrypted with the new one.';
comment on column username.name_key.tenant_id is 'The tenant.';
comment on column username.name_key.sealed_key is 'The key, encrypted (AES-256-GCM: nonce, text, tag) and bound to the tenant.';
comment on column username.name_key.sealed_with is 'Which encryption key it is encrypted with, by its id: no part of that key.';

call tenant.protect('username.erased_name');
call tenant.protect('username.name_key');
call audit.watch('username.erased_name', 'name_hash');
call audit.watch('username.name_key', '');
call audit.keep_from_truncate('username.erased_name');
call audit.keep_from_truncate('username.name_key');
grant usage on schema username to oneroster_service;
grant select (tenant_id, sealed_with) on username.name_key to oneroster_service;
create policy all_tenants on username.name_key for select to oneroster_service using (true);
comment on policy all_tenants on username.name_key is 'Whether the file of the encryption key is needed, and changing it.';

alter table username.record add column absent_since date;
comment on column username.record.absent_since is 'The day of the load since which the mirror has not had the person; null while it has.';

alter table roster.head add column awaits_publication boolean not null default false;
comment on column roster.head.awaits_publication is 'No token until the next publication: the newest generation had somebody as active who was erased, in a database that went back.';

-- The trail is only added to, but for what is erased from it.

alter table audit.entry add column erased_at timestamptz;
create index entry_erased on audit.entry (tenant_id, position) where erased_at is not null;
comment on index audit.entry_erased is 'Entries that files may have with more in them.';
comment on column audit.entry.erased_at is 'When what it said of a person was taken out. An entry that was about that person alone is an event then, of the same kind, whose detail names the table.';

alter table audit.head add column erased_before bigint;
comment on column audit.head.erased_before is 'Before which position somebody was erased from the entries last: servers drop what they have in memory when it changes.';
grant select (erased_before) on audit.head to oneroster_service, oneroster_desk;

create function audit.only_erase() returns trigger
language plpgsql
as $$
begin
    if old.source like 'username.%' and new.erased_at is not null
        and (
            new.source is null and new.key is null and new.before is null and new.after is null and new.rows is null
                and new.detail = jsonb_build_object('erased', old.source)
            or old.source = 'username.retired' and new.source = old.source and new.key = old.key and new.before is null
                and new.after = old.after and new.rows is null and new.detail is null
            or new.source = old.source and new.key = old.key and new.before is null and new.after is null and new.detail is null
                and not exists (
                    select value::text from json_array_elements(new.rows)
                    except all select value::text from json_array_elements(old.rows))
                and not exists (
                    select from json_array_elements(old.rows) as gone (image)
                    where image::text not in (select value::text from json_array_elements(new.rows))
                      and not exists (select from tenant.decision d where d.tenant_id = old.tenant_id
                                      and d.decision = 'person_erased' and d.detail ->> 'person' = image ->> 'rowguid'))
        )
        and exists (
            select from tenant.decision d
            where d.tenant_id = old.tenant_id and d.decision in ('person_erased', 'name_forgotten')
              and (old.source = 'username.swap' or strpos(old::text, d.detail ->> 'person') > 0))
    then
        return new;
    end if;
    raise exception using errcode = 'insufficient_privilege', message = 'entries of the audit trail are not changed, but for what is erased';
end
$$;
comment on function audit.only_erase() is 'Lets out of an entry only what it said of a person whose erasure is on record.';
create trigger only_erase before update on audit.entry for each row execute function audit.only_erase();
comment on trigger only_erase on audit.entry is 'Nothing but an erasure changes an entry.';
grant update (source, key, before, after, rows, detail, erased_at) on audit.entry to oneroster_tenant;

create function audit.erase_state(erased_tenant_id text, person uuid) returns void
language plpgsql
as $$
declare
    was_replaying text := coalesce(current_setting('oneroster.replaying', true), '');
    numbers bigint[] := array(select p_persoon from informat.persoon where tenant_id = erased_tenant_id and rowguid = person);
begin
    -- No entries with what goes: the erasure itself is one, and is what is made again.
    perform set_config('oneroster.replaying', 'on', true);
    delete from username.swap where tenant_id = erased_tenant_id and person in (person_a, person_b);
    delete from username.retired where tenant_id = erased_tenant_id and rowguid = person;
    delete from username.record where tenant_id = erased_tenant_id and rowguid = person;
    delete from username.settled where tenant_id = erased_tenant_id;
    perform set_config('oneroster.replaying', was_replaying, true);
    -- Only in a database that went back: nobody is erased whom the source still has.
    if numbers <> '{}' then
        delete from informat.klasfunctiepersoon where tenant_id = erased_tenant_id and p_persoon = any(numbers);
        delete from informat.opdracht where tenant_id = erased_tenant_id and p_persoon = any(numbers);
        delete from informat.inschrklas k using informat.inschrijving i
            where k.tenant_id = erased_tenant_id and i.tenant_id = erased_tenant_id and k.p_inschr = i.p_inschr and i.p_persoon = any(numbers);
        delete from informat.inschrijving where tenant_id = erased_tenant_id and p_persoon = any(numbers);
        delete from informat.persoon where tenant_id = erased_tenant_id and rowguid = person;
    end if;
    -- It quotes texts of the file.
    delete from informat.bestand where tenant_id = erased_tenant_id;
end
$$;
comment on function audit.erase_state(text, uuid) is 'Takes a person out of what is known now: username, history, former names, swaps, and the mirror.';

create function roster.erase_user(erased_tenant_id text, person uuid) returns void
language sql
as $$
    update roster.object_version v set status = 'tobedeleted', email_domain = null, content = blank.content,
        content_hash = sha256(convert_to(blank.content, 'UTF8'))
    from (
        select o.from_number, '{' || string_agg(to_json(m.key)::text || ':' || case m.key
                when 'username' then to_json(o.sourced_id)::text
                when 'givenName' then '"-"'
                when 'familyName' then '"-"'
                when 'userIds' then '[]'
                when 'metadata' then '{}'
                else m.value::text end, ',' order by m.place) || '}' as content
        from roster.object_version o cross join lateral json_each(o.content::json) with ordinality as m (key, value, place)
        where o.tenant_id = erased_tenant_id and o.kind = 'users' and o.sourced_id = person::text
          and m.key not in ('identifier', 'email', 'sms', 'phone', 'middleName')
        group by o.from_number
    ) blank
    where v.tenant_id = erased_tenant_id and v.kind = 'users' and v.sourced_id = person::text and v.from_number = blank.from_number
$$;
comment on function roster.erase_user(text, uuid) is 'Blanks what was ever published of a person: id, role and orgs stay, for the tombstone. No generation has them as active any more: a consumer would rename an account.';

create function audit.erase_entries(erased_tenant_id text, person uuid, before_position bigint) returns void
language plpgsql
as $$
declare
    id text := person::text;
    swaps text[] := array(
        select distinct key ->> 'swap_id' from audit.entry
        where tenant_id = erased_tenant_id and source = 'username.swap'
          and id in (after ->> 'person_a', after ->> 'person_b', before ->> 'person_a', before ->> 'person_b'));
begin
    -- Who a swap is of stands in its first entry: that one goes last.
    update audit.entry e
    set source = null, key = null, before = null, after = null, rows = null, erased_at = clock_timestamp(),
        detail = jsonb_build_object('erased', e.source)
    where tenant_id = erased_tenant_id and position < before_position and rows is null
      and source = 'username.swap' and key ->> 'swap_id' = any(swaps)
      and coalesce(after ->> 'person_a', before ->> 'person_a') is null;
    update audit.entry e
    set source = null, key = null, before = null, after = null, rows = null, erased_at = clock_timestamp(),
        detail = jsonb_build_object('erased', e.source)
    where tenant_id = erased_tenant_id and position < before_position and rows is null and (
        source = 'username.record' and key ->> 'rowguid' = id
        or source = 'username.change' and id in (after ->> 'rowguid', before ->> 'rowguid')
        or source = 'username.swap' and key ->> 'swap_id' = any(swaps)
        or source = 'username.retired' and id in (after ->> 'rowguid', before ->> 'rowguid')
           and (before ->> 'rowguid' = id and after ->> 'rowguid' <> id) is not true
    );
    -- A former name that passed on is that of whoever got it, and was never anybody else's.
    update audit.entry e set before = null, erased_at = clock_timestamp()
    where tenant_id = erased_tenant_id and position < before_position and rows is null
      and source = 'username.retired' and before ->> 'rowguid' = id and after ->> 'rowguid' <> id;
    update audit.entry e
    set rows = kept.images, erased_at = clock_timestamp(),
        source = case when kept.images is not null then e.source end,
        key = case when kept.images is not null then e.key end,
        detail = case when kept.images is null then jsonb_build_object('erased', e.source) end
    from (
        select s.entry_id, json_agg(image.value order by image.place) filter (where image.value ->> 'rowguid' is distinct from id) as images
        from audit.entry s cross join lateral json_array_elements(s.rows) with ordinality as image (value, place)
        where s.tenant_id = erased_tenant_id and s.position < before_position
          and s.source in ('username.record', 'username.change', 'username.retired')
          and strpos(s.rows::text, id) > 0
        group by s.entry_id
        having bool_or(image.value ->> 'rowguid' = id)
    ) kept
    where e.tenant_id = erased_tenant_id and e.entry_id = kept.entry_id;
    update audit.head h set erased_before = greatest(h.erased_before, before_position) where h.tenant_id = erased_tenant_id;
end
$$;
comment on function audit.erase_entries(text, uuid, bigint) is 'Takes a person out of the entries of the audit trail before a position.';

-- Those that enter their rows by a trigger of their own, too.
do $$
declare
    watched regclass;
begin
    for watched in
        select t.tgrelid::regclass from pg_catalog.pg_trigger t
        where t.tgname = 'audit_delete'
          and not exists (select from pg_catalog.pg_trigger k where k.tgrelid = t.tgrelid and k.tgname = 'audit_truncate')
        order by 1
    loop
        call audit.keep_from_truncate(watched);
    end loop;
end
$$;

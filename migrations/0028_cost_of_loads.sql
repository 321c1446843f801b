-- What a load need not do: look again at files that the mirror holds already, and check each new username row by row.

-- Ours, not Informat's, like the loads.
create table informat.bestand (
    tenant_id text collate "C" not null,
    tabel text collate "C" not null,
    vingerafdruk bytea not null,
    rijen bigint not null,
    teksten jsonb not null,
    spiegelversie bigint not null,
    handwerk bigint not null,
    gelezen_op timestamptz not null default clock_timestamp(),
    constraint bestand_pk primary key (tenant_id, tabel),
    constraint bestand_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint bestand_vingerafdruk_sha256 check (octet_length(vingerafdruk) = 32),
    constraint bestand_rijen_not_negative check (rijen >= 0)
);
comment on table informat.bestand is 'The file that each table of the mirror was last loaded from as a whole, while the table is still what that file says.';
comment on column informat.bestand.tenant_id is 'The tenant.';
comment on column informat.bestand.tabel is 'The table, without its schema.';
comment on column informat.bestand.vingerafdruk is 'SHA-256 of the code that read the file, the name of the table and the bytes of the file.';
comment on column informat.bestand.rijen is 'How many rows the file has.';
comment on column informat.bestand.teksten is 'What is to be said about the texts in the file whenever it comes: counts, lines and values.';
comment on column informat.bestand.spiegelversie is 'Version of the mirror that this was seen to be so at: every load carries it on. At another version nobody knows.';
comment on column informat.bestand.handwerk is 'Value of informat.handwerk then. At another value nobody knows.';
comment on column informat.bestand.gelezen_op is 'When the file was read: after seven days it is read again, since nothing here sees triggers that were off, or a page that rotted.';
call tenant.protect('informat.bestand');

create sequence informat.handwerk;
comment on sequence informat.handwerk is 'Counts the statements that changed tables of the mirror outside a load, of any tenant.';
-- Until its first use a sequence shows the value that it gives out first: is_called tells the two apart, also in a database that was
-- restored without the rows of the mirror.
grant select, update on sequence informat.handwerk to oneroster_tenant;
grant select on sequence informat.handwerk to oneroster_desk_tenant;

create function informat.note_handwork() returns trigger
language plpgsql
as $$
begin
    -- Loads have this table locked in a weaker mode until they end: none is under way between the count and the commit.
    lock table informat.bestand in share row exclusive mode;
    perform nextval('informat.handwerk');
    return null;
end
$$;
comment on function informat.note_handwork() is 'Has every file read anew, since somebody changes the mirror by hand.';

do $$
declare
    of_mirror text;
begin
    foreach of_mirror in array array['schooljaar', 'school', 'schoolvest', 'persoon', 'inschrijving', 'klassen', 'inschrklas', 'opdracht', 'klasfunctiepersoon'] loop
        execute format(
            'create trigger note_handwork before insert or update or delete or truncate on informat.%I for each statement
                 when (current_setting(''oneroster.loading'', true) is distinct from ''on'')
                 execute function informat.note_handwork()', of_mirror);
        execute format('alter table informat.%I enable always trigger note_handwork', of_mirror);
        execute format('comment on trigger note_handwork on informat.%I is ''Files are compared with what a load left, not with what a hand made of it.''', of_mirror);
    end loop;
end
$$;

create function informat.begin_load() returns bigint
language plpgsql
as $$
begin
    begin
        lock table informat.bestand in row exclusive mode nowait;
    exception when lock_not_available then
        -- Not waited for: it may be anybody's transaction, of any tenant, left open.
        perform nextval('informat.handwerk');
        return null;
    end;
    return (select last_value + is_called::int from informat.handwerk);
end
$$;
comment on function informat.begin_load() is 'Keeps hands off the mirror until the transaction ends, and returns the count of what they did; null if one is at work: then nothing is known of any file.';

create table username.settled (
    tenant_id text collate "C" not null,
    code text collate "C" not null,
    today date not null,
    mirror_version bigint not null,
    handwork bigint not null,
    audit_position bigint not null,
    constraint settled_pk primary key (tenant_id),
    constraint settled_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade
);
comment on table username.settled is 'What everybody who needs a username had one by, when an import last looked: at the same again nobody needs another.';
comment on column username.settled.tenant_id is 'The tenant.';
comment on column username.settled.code is 'The code that looked.';
comment on column username.settled.today is 'The day in Brussels.';
comment on column username.settled.mirror_version is 'Version of the mirror, as tenant.input_version counts them.';
comment on column username.settled.handwork is 'Value of informat.handwerk.';
comment on column username.settled.audit_position is 'Position of the newest entry of the audit trail: what only we own changes with one.';
call tenant.protect('username.settled');

-- References of usernames are proved for all rows of a statement together: row by row was a tenth of a first import.

create function username.check_tenants() returns trigger
language plpgsql
as $$
begin
    -- Held against a delete of the tenant, as a foreign key does.
    perform from tenant.tenant where tenant_id in (select distinct n.tenant_id from new_rows n) for key share;
    if exists (select from new_rows n where not exists (select from tenant.tenant t where t.tenant_id = n.tenant_id)) then
        raise exception using errcode = 'foreign_key_violation', constraint = tg_name,
            message = 'a username record is of a tenant that is not there';
    end if;
    return null;
end
$$;
comment on function username.check_tenants() is 'Refuses records of a tenant that does not exist.';

create function username.check_people() returns trigger
language plpgsql
as $$
declare
    before text := current_setting('enable_nestloop');
    dangles boolean;
begin
    -- Many are mostly of records that the same statement made, in a table that nobody has analysed: a nested loop may look cheap.
    if (select count(*) = 1000 from (select from new_rows limit 1000) n) then
        perform set_config('enable_nestloop', 'off', true);
    end if;
    execute 'select exists (
                 select from new_rows n
                 where not exists (select from username.record r where r.tenant_id = n.tenant_id and r.rowguid = n.rowguid))'
    into dangles;
    perform set_config('enable_nestloop', before, true);
    if dangles then
        raise exception using errcode = 'foreign_key_violation', constraint = tg_name,
            message = 'a change is of a person who has no username record';
    end if;
    return null;
end
$$;
comment on function username.check_people() is 'Refuses changes of a record that does not exist.';

create function username.forget_changes() returns trigger
language plpgsql
as $$
begin
    delete from username.change c using old_rows o where c.tenant_id = o.tenant_id and c.rowguid = o.rowguid;
    return null;
end
$$;
comment on function username.forget_changes() is 'Takes away the history of records that go.';

create function username.keep_key() returns trigger
language plpgsql
as $$
begin
    raise exception using errcode = 'foreign_key_violation', constraint = tg_name,
        message = 'the person of a username record cannot be another one: its history refers to them';
end
$$;
comment on function username.keep_key() is 'Refuses another key.';

create function username.forget_tenant() returns trigger
language plpgsql
as $$
begin
    delete from username.record where tenant_id = old.tenant_id;
    return old;
end
$$;
comment on function username.forget_tenant() is 'Takes away the records of a tenant that goes.';

alter table username.change drop constraint change_record_fk;
alter table username.record drop constraint record_tenant_fk;

create trigger record_tenant after insert on username.record referencing new table as new_rows
    for each statement execute function username.check_tenants();
comment on trigger record_tenant on username.record is 'Refers to tenant.tenant.';
create trigger record_key_stays after update of tenant_id, rowguid on username.record
    for each row when (old.tenant_id is distinct from new.tenant_id or old.rowguid is distinct from new.rowguid)
    execute function username.keep_key();
comment on trigger record_key_stays on username.record is 'Is referred to by username.change.';
create trigger forget_changes after delete on username.record referencing old table as old_rows
    for each statement execute function username.forget_changes();
comment on trigger forget_changes on username.record is 'Is referred to by username.change.';
create trigger change_record after insert on username.change referencing new table as new_rows
    for each statement execute function username.check_people();
comment on trigger change_record on username.change is 'Refers to username.record.';
create trigger change_record_after_update after update on username.change referencing new table as new_rows
    for each statement execute function username.check_people();
comment on trigger change_record_after_update on username.change is 'Refers to username.record.';
create trigger forget_usernames before delete on tenant.tenant for each row execute function username.forget_tenant();
comment on trigger forget_usernames on tenant.tenant is 'The other tables of usernames go by their foreign keys.';

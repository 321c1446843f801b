-- What the mirror holds already, file by file: a file that comes again byte for byte is neither read nor merged nor checked again.

-- Ours, not Informat's, like the loads.
create table informat.bestand (
    tenant_id text collate "C" not null,
    tabel text collate "C" not null,
    vingerafdruk bytea not null,
    rijen bigint not null,
    teksten jsonb not null,
    spiegelversie bigint not null,
    handwerk bigint not null,
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
call tenant.protect('informat.bestand');

create sequence informat.handwerk;
comment on sequence informat.handwerk is 'Counts the statements that changed tables of the mirror outside a load, of any tenant.';
-- Until its first use a sequence shows the value that it gives out first.
do $$ begin perform nextval('informat.handwerk'); end $$;
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
    return (select last_value from informat.handwerk);
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

-- Who may do what on the desk: accounts, what they were given, sessions; and two roles for the desk's connections, which never read the
-- hashes of clients' secrets and know no keys.

-- Roles belong to the whole cluster: another database may have made them, or be making them at this moment (as in 0006).
do $$
declare
    role_name text;
    role_before text := current_setting('role');
begin
    foreach role_name in array array['oneroster_desk', 'oneroster_desk_tenant'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
            begin
                execute format('create role %I nologin noinherit', role_name);
            exception
                when duplicate_object or unique_violation then null;
                when insufficient_privilege then
                    raise exception using errcode = 'insufficient_privilege', message = format(
                        'the database user %1$s may not create roles; as an administrator run once: '
                        'create role oneroster_desk nologin noinherit; create role oneroster_desk_tenant nologin noinherit; '
                        'grant oneroster_desk, oneroster_desk_tenant to %1$I;', session_user);
            end;
        end if;
        if exists (
            select from pg_catalog.pg_roles r
            where r.rolname = role_name
              and (r.rolsuper or r.rolbypassrls or r.rolcanlogin
                   or exists (select from pg_catalog.pg_auth_members m where m.member = r.oid))
        ) then
            raise exception 'role % exists and may do too much: it must be a role without login, superuser and bypassrls, '
                'and a member of no other', role_name;
        end if;
        begin
            perform set_config('role', role_name, true);
            perform set_config('role', role_before, true);
        exception when insufficient_privilege then
            begin
                execute format('grant %I to session_user', role_name);
            exception
                when unique_violation then null;
                when insufficient_privilege then
                    raise exception using errcode = 'insufficient_privilege', message = format(
                        'the database user %1$s may not act as role %2$s; as an administrator run once: '
                        'grant oneroster_desk, oneroster_desk_tenant to %1$I;', session_user, role_name);
            end;
        end;
    end loop;
end
$$;

create or replace procedure tenant.protect(protected regclass)
language plpgsql
as $$
declare
    schema_name text := (select relnamespace::regnamespace from pg_catalog.pg_class where oid = protected);
begin
    execute format('grant usage on schema %s to oneroster_tenant, oneroster_desk_tenant', schema_name);
    execute format('grant select, insert, update, delete on %s to oneroster_tenant', protected);
    -- Nobody loads the mirror from the desk.
    execute format('grant %s on %s to oneroster_desk_tenant',
                   case when schema_name = 'informat' then 'select' else 'select, insert, update, delete' end, protected);
    execute format('alter table %s enable row level security', protected);
    execute format(
        'create policy own_tenant on %s to oneroster_tenant, oneroster_desk_tenant
             using (tenant_id = current_setting(''oneroster.tenant_id'', true))
             with check (tenant_id = current_setting(''oneroster.tenant_id'', true))',
        protected
    );
    execute format(
        'comment on policy own_tenant on %s is ''The rows of the tenant whose scope the transaction is in.''',
        protected
    );
end
$$;

-- The same for the tables that are there.
do $$
declare
    protected regclass;
    schema_name text;
begin
    for protected, schema_name in
        select format('%I.%I', schemaname, tablename)::regclass, quote_ident(schemaname)
        from pg_catalog.pg_policies where policyname = 'own_tenant'
    loop
        execute format('alter policy own_tenant on %s to oneroster_tenant, oneroster_desk_tenant', protected);
        execute format('grant usage on schema %s to oneroster_desk_tenant', schema_name);
        continue when protected in ('auth.client_secret'::regclass, 'audit.entry'::regclass);
        execute format('grant %s on %s to oneroster_desk_tenant',
                       case when schema_name = 'informat' then 'select' else 'select, insert, update, delete' end, protected);
    end loop;
end
$$;

-- Secrets are made and ended from the desk, and their hashes never read: not in their table, and not where the audit trail keeps them.
grant select (tenant_id, client_id, secret_id, created_at, expires_at), insert (tenant_id, client_id, secret_sha256, expires_at),
    update (expires_at), delete on auth.client_secret to oneroster_desk_tenant;
grant select, insert on audit.entry to oneroster_desk_tenant;
create policy no_secrets on audit.entry as restrictive for select to oneroster_desk_tenant
    using (source is distinct from 'auth.client_secret');
comment on policy no_secrets on audit.entry is 'The desk never reads the hashes of secrets.';

-- What work over all tenants reads, for the desk's connections too; of clients and keys nothing.
grant usage on schema tenant, roster, synclog, audit to oneroster_desk;
grant select (tenant_id, configuration) on tenant.tenant to oneroster_desk;
grant select (tenant_id, input, version) on tenant.input_version to oneroster_desk;
grant select on roster.evaluation to oneroster_desk;
grant select (tenant_id, number, generation_id, tickets_signed) on roster.head to oneroster_desk;
grant select (tenant_id, held_at, discarded_at, reasons) on roster.hold to oneroster_desk;
grant select (tenant_id, last_request_at) on synclog.run to oneroster_desk;
grant select (tenant_id, position, entry_id, lacking, lacking_by) on audit.head to oneroster_desk;
alter policy all_tenants on tenant.tenant to oneroster_service, oneroster_desk;
alter policy all_tenants on tenant.input_version to oneroster_service, oneroster_desk;
alter policy all_tenants on roster.evaluation to oneroster_service, oneroster_desk;
alter policy all_tenants on roster.head to oneroster_service, oneroster_desk;
alter policy all_tenants on roster.hold to oneroster_service, oneroster_desk;
alter policy all_tenants on synclog.run to oneroster_service, oneroster_desk;
alter policy all_tenants on audit.head to oneroster_service, oneroster_desk;

-- Entries of secrets are written without being read back, which the policy above would refuse.
create function audit.enter_row(
    entered_tenant_id text, entered_source text, entered_key jsonb, entered_before jsonb, entered_after jsonb
) returns void
language plpgsql
as $$
declare
    entered uuid := gen_random_uuid();
begin
    perform audit.lock_head(entered_tenant_id);
    insert into audit.entry (tenant_id, entry_id, by, origin, kind, source, key, before, after)
    values (entered_tenant_id, entered, audit.author(), audit.origin(),
            audit.kind(entered_source, entered_before, entered_after), entered_source, entered_key, entered_before, entered_after);
    update audit.head set position = currval('audit.entry_position_seq'), entry_id = entered where tenant_id = entered_tenant_id;
end
$$;
comment on function audit.enter_row(text, text, jsonb, jsonb, jsonb) is 'Enters a changed row without reading what it entered.';
grant select on sequence audit.entry_position_seq to oneroster_tenant, oneroster_desk_tenant;

create function audit.capture_secret() returns trigger
language plpgsql
as $$
declare
    captured text := 'auth.client_secret';
begin
    if current_setting('oneroster.replaying', true) = 'on' then
        return null;
    end if;
    if tg_op = 'INSERT' then
        perform audit.enter_row(tenant_id, captured, jsonb_build_object('client_id', client_id, 'secret_id', secret_id), null,
                                jsonb_strip_nulls(to_jsonb(n) - 'tenant_id'))
        from (select * from new_rows order by tenant_id, secret_id) n;
    elsif tg_op = 'DELETE' then
        perform audit.enter_row(tenant_id, captured, jsonb_build_object('client_id', client_id, 'secret_id', secret_id),
                                jsonb_strip_nulls(to_jsonb(o) - 'tenant_id'), null)
        from (select * from old_rows order by tenant_id, secret_id) o;
    else
        perform audit.enter_row(tenant_id, captured, jsonb_build_object('client_id', client_id, 'secret_id', secret_id),
                                audit.changed(image_before, image_after), audit.changed(image_after, image_before))
        from (
            select tenant_id, client_id, secret_id, to_jsonb(o) as image_before, to_jsonb(n) as image_after
            from old_rows o join new_rows n using (tenant_id, client_id, secret_id)
            where to_jsonb(o) is distinct from to_jsonb(n) order by tenant_id, secret_id
        ) changed;
    end if;
    return null;
end
$$;
comment on function audit.capture_secret() is 'Enters the secrets that a statement changed, row by row; a key of theirs never changes.';
drop trigger audit_insert on auth.client_secret;
drop trigger audit_update on auth.client_secret;
drop trigger audit_delete on auth.client_secret;
create trigger audit_insert after insert on auth.client_secret referencing new table as new_rows
    for each statement execute function audit.capture_secret();
create trigger audit_update after update on auth.client_secret referencing old table as old_rows new table as new_rows
    for each statement execute function audit.capture_secret();
create trigger audit_delete after delete on auth.client_secret referencing old table as old_rows
    for each statement execute function audit.capture_secret();
comment on trigger audit_insert on auth.client_secret is 'Enters new rows into the audit trail.';
comment on trigger audit_update on auth.client_secret is 'Enters changed rows into the audit trail.';
comment on trigger audit_delete on auth.client_secret is 'Enters deleted rows into the audit trail.';

create schema desk;
comment on schema desk is 'Who may do what on the desk.';
grant usage on schema desk to oneroster_desk;

create table desk.account (
    account_id uuid not null default gen_random_uuid(),
    login_name text not null,
    display_name text not null,
    password_hash text,
    password_set_at timestamptz,
    issuer text collate "C",
    subject text collate "C",
    language text collate "C",
    is_operator boolean not null default false,
    disabled_at timestamptz,
    session_epoch integer not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    constraint account_pk primary key (account_id),
    constraint account_identity_unique unique (issuer, subject),
    constraint account_identity_whole check ((issuer is null) = (subject is null)),
    constraint account_password_local check (password_hash is null or issuer is null),
    constraint account_language check (language in ('nl', 'en')),
    constraint account_name_form check (
        length(login_name) between 1 and 200 and login_name = btrim(login_name) and login_name !~ '[[:cntrl:]]'
        and lower(login_name) <> 'system' and login_name !~* '^(os|db):'
    ),
    constraint account_display_name_form check (length(display_name) between 1 and 200 and display_name !~ '[[:cntrl:]]')
);
create unique index account_login_name on desk.account (lower(login_name));
comment on table desk.account is 'Who signs in to the desk. It belongs to no tenant: what an account may do in a tenant, it was given there. Never deleted, since the audit trail names it.';
comment on index desk.account_login_name is 'A name is one account''s, whatever its case.';
comment on column desk.account.account_id is 'Random.';
comment on column desk.account.login_name is 'The name in the audit trail, and what is typed to sign in to a local account. It never changes.';
comment on column desk.account.display_name is 'What it is called on pages.';
comment on column desk.account.password_hash is 'Argon2id of the password of a local account; null: it cannot sign in by password.';
comment on column desk.account.password_set_at is 'When the password was set.';
comment on column desk.account.issuer is 'Who vouches for its identity: iss of OpenID Connect, for Entra `entra:` and the tid. Null for a local account.';
comment on column desk.account.subject is 'Its id there: sub, for Entra the oid. Never an address or a name that may pass to somebody else.';
comment on column desk.account.language is 'The language of its pages; null: not chosen yet.';
comment on column desk.account.is_operator is 'Whether it is the vendor''s operator: all rights, in every tenant.';
comment on column desk.account.disabled_at is 'Since when it may no longer sign in.';
comment on column desk.account.session_epoch is 'Sessions of another epoch are over: raised to sign it out everywhere.';
comment on column desk.account.created_at is 'When it was made.';
comment on column desk.account.created_by is 'By whom.';
grant select, insert, update on desk.account to oneroster_desk;
grant select (account_id, login_name, display_name, password_set_at, issuer, subject, language, is_operator, disabled_at, session_epoch,
              created_at, created_by), insert, update on desk.account to oneroster_desk_tenant;
-- For `oneroster recover`: who was given rights that are given again.
grant insert (account_id, login_name, display_name, issuer, subject, created_by) on desk.account to oneroster_tenant;

create table desk.access_grant (
    tenant_id text collate "C" not null,
    grant_id uuid not null default gen_random_uuid(),
    account_id uuid not null,
    login_name text not null,
    display_name text not null,
    issuer text collate "C",
    subject text collate "C",
    school text collate "C" not null,
    site integer,
    kind text collate "C" not null,
    role text,
    based_on text,
    access text collate "C",
    given_at timestamptz not null default clock_timestamp(),
    given_by text not null,
    constraint access_grant_pk primary key (tenant_id, grant_id),
    constraint access_grant_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint access_grant_account_fk foreign key (account_id) references desk.account (account_id) deferrable initially deferred,
    constraint access_grant_kind check (
        case kind
            when 'standard' then role is not null and based_on is null and access is null
            when 'custom' then role is not null and access in ('none', 'read', 'write')
            when 'manager' then role is null and based_on is null and access is null and site is null
            else false
        end
    )
);
create unique index access_grant_once on desk.access_grant
    (tenant_id, account_id, school, coalesce(site, -1), kind, coalesce(role, ''));
create index access_grant_account on desk.access_grant (account_id);
comment on table desk.access_grant is 'What accounts were given at schools. Only we own it: it is in the audit trail, and made again by `oneroster recover`.';
comment on index desk.access_grant_once is 'Nothing is given twice.';
comment on index desk.access_grant_account is 'What an account was given, in every tenant.';
comment on column desk.access_grant.tenant_id is 'The tenant.';
comment on column desk.access_grant.grant_id is 'Random.';
comment on column desk.access_grant.account_id is 'To whom.';
comment on column desk.access_grant.login_name is 'Their name as it was then: the audit trail tells who it was, and a lost account is made again by it.';
comment on column desk.access_grant.display_name is 'What they were called on pages then.';
comment on column desk.access_grant.issuer is 'Who vouches for their identity.';
comment on column desk.access_grant.subject is 'Their id there.';
comment on column desk.access_grant.school is 'The school, by Informat''s number of it.';
comment on column desk.access_grant.site is 'The site, by its number; null: every site of the school.';
comment on column desk.access_grant.kind is 'standard: a role of Informat; custom: a role of the school group''s own; manager: gives and takes rights at the school, and writes.';
comment on column desk.access_grant.role is 'The role: `APPLICATION: NAME` of a standard one, its name of a custom one.';
comment on column desk.access_grant.based_on is 'The standard role that a custom one is based on, for whoever reads it: it opens nothing.';
comment on column desk.access_grant.access is 'What a custom role opens: none, read or write.';
comment on column desk.access_grant.given_at is 'When.';
comment on column desk.access_grant.given_by is 'By whom.';
call tenant.protect('desk.access_grant');
call audit.watch('desk.access_grant', 'grant_id');
grant select on desk.access_grant to oneroster_desk;
create policy all_tenants on desk.access_grant for select to oneroster_desk using (true);
comment on policy all_tenants on desk.access_grant is 'Finding the tenants that an account was given something in.';

create table desk.session (
    token_sha256 bytea not null,
    account_id uuid not null,
    session_epoch integer not null,
    way text collate "C" not null,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    constraint session_pk primary key (token_sha256),
    constraint session_account_fk foreign key (account_id) references desk.account (account_id) on delete cascade,
    constraint session_token_length check (length(token_sha256) = 32),
    constraint session_way check (way in ('password', 'openid'))
);
create index session_account on desk.session (account_id);
create index session_created on desk.session (created_at);
comment on table desk.session is 'Who is signed in. A row lost in a failover is a person who signs in again.';
comment on index desk.session_account is 'The sessions of an account.';
comment on index desk.session_created is 'Deleting those that ended long ago.';
comment on column desk.session.token_sha256 is 'SHA-256 of the 256 random bits in the cookie, which are stored nowhere.';
comment on column desk.session.account_id is 'Who.';
comment on column desk.session.session_epoch is 'The epoch of the account when it began.';
comment on column desk.session.way is 'How they signed in: password or openid.';
comment on column desk.session.created_at is 'When it began.';
comment on column desk.session.seen_at is 'When it was last used, to the minute.';
grant select, insert, update, delete on desk.session to oneroster_desk;

create table desk.preference (
    account_id uuid not null,
    screen text collate "C" not null,
    content jsonb not null,
    changed_at timestamptz not null default clock_timestamp(),
    constraint preference_pk primary key (account_id, screen),
    constraint preference_account_fk foreign key (account_id) references desk.account (account_id) on delete cascade,
    constraint preference_screen_form check (screen ~ '^[a-z0-9-]{1,40}$'),
    constraint preference_size check (octet_length(content::text) <= 16384)
);
comment on table desk.preference is 'How an account has its screens: columns, widths, order. Never about a person.';
comment on column desk.preference.account_id is 'Whose.';
comment on column desk.preference.screen is 'Of which screen.';
comment on column desk.preference.content is 'Whatever the screen keeps.';
comment on column desk.preference.changed_at is 'When it was last changed.';
grant select, insert, update, delete on desk.preference to oneroster_desk;

create table desk.failed_sign_in (
    whom bytea not null,
    failures integer not null,
    last_at timestamptz not null,
    blocked_until timestamptz not null,
    constraint failed_sign_in_pk primary key (whom),
    constraint failed_sign_in_length check (length(whom) = 32)
);
create index failed_sign_in_last on desk.failed_sign_in (last_at);
comment on table desk.failed_sign_in is 'Who failed to sign in of late, so that every server makes them wait.';
comment on index desk.failed_sign_in_last is 'Forgetting those of long ago.';
comment on column desk.failed_sign_in.whom is 'SHA-256 of the name that was typed, or of the address: what is typed may be a password.';
comment on column desk.failed_sign_in.failures is 'How often, since it was forgotten last.';
comment on column desk.failed_sign_in.last_at is 'When last.';
comment on column desk.failed_sign_in.blocked_until is 'Until when no attempt is looked at.';
grant select, insert, update, delete on desk.failed_sign_in to oneroster_desk;

create or replace function audit.kind(source text, before jsonb, after jsonb) returns text
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
        when 'desk.access_grant' then case when before is null then 'right_given' when after is null then 'right_taken' else 'right_changed' end
        else 'row_changed'
    end
$$;

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

-- Rights that are given again need those whom they were given to. Passwords are not in the trail: one is set anew.
create function audit.accounts_again(recovered_tenant_id text) returns void
language sql
as $$
    insert into desk.account (account_id, login_name, display_name, issuer, subject, created_by)
    select distinct on (account_id) account_id, login_name, display_name, issuer, subject, 'recover'
    from desk.access_grant where tenant_id = recovered_tenant_id
    order by account_id, given_at desc
    on conflict do nothing;
    -- Their name or identity was another account's by then.
    insert into desk.account (account_id, login_name, display_name, created_by)
    select distinct on (account_id) account_id, left(login_name, 180) || ' (' || left(account_id::text, 8) || ')', display_name, 'recover'
    from desk.access_grant where tenant_id = recovered_tenant_id
    order by account_id, given_at desc
    on conflict do nothing
$$;
comment on function audit.accounts_again(text) is 'Makes the accounts again that rights were given to and that the database lacks.';

-- Tenant isolation a second time (docs/operations.md, migrations/README.md): the program works under two roles that own
-- nothing, and row-level security lets the one that reads rosters see the tenant of its transaction only.

-- Roles belong to the whole cluster: another database may have made them, or be making them at this moment.
do $$
declare
    role_name text;
    role_before text := current_setting('role');
begin
    foreach role_name in array array['oneroster_service', 'oneroster_tenant'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
            begin
                execute format('create role %I nologin noinherit', role_name);
            exception
                when duplicate_object or unique_violation then null;
                when insufficient_privilege then
                    raise exception using errcode = 'insufficient_privilege', message = format(
                        'the database user %1$s may not create roles; as an administrator run once: '
                        'create role oneroster_service nologin noinherit; create role oneroster_tenant nologin noinherit; '
                        'grant oneroster_service, oneroster_tenant to %1$I;', session_user);
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
            -- Asked by doing it: what membership gives differs between versions of Postgres.
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
                        'grant oneroster_service, oneroster_tenant to %1$I;', session_user, role_name);
            end;
        end;
    end loop;
    -- Everyone may make temporary tables unless an administrator took that away.
    if not has_database_privilege('oneroster_tenant', current_database(), 'temporary') then
        execute format('grant temporary on database %I to oneroster_tenant', current_database());
    end if;
end
$$;

create procedure tenant.protect(protected regclass)
language plpgsql
as $$
begin
    execute format('grant usage on schema %s to oneroster_tenant', (
        select relnamespace::regnamespace from pg_catalog.pg_class where oid = protected
    ));
    execute format('grant select, insert, update, delete on %s to oneroster_tenant', protected);
    execute format('alter table %s enable row level security', protected);
    execute format(
        'create policy own_tenant on %s to oneroster_tenant
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
comment on procedure tenant.protect(regclass) is 'Opens a table with a column tenant_id to the program, one tenant at a time. For migrations.';
revoke execute on procedure tenant.protect(regclass) from public;

call tenant.protect('tenant.tenant');
call tenant.protect('tenant.input_version');
call tenant.protect('informat.schooljaar');
call tenant.protect('informat.school');
call tenant.protect('informat.schoolvest');
call tenant.protect('informat.persoon');
call tenant.protect('informat.inschrijving');
call tenant.protect('informat.klassen');
call tenant.protect('informat.inschrklas');
call tenant.protect('informat.opdracht');
call tenant.protect('informat.klasfunctiepersoon');
call tenant.protect('informat.lading');
call tenant.protect('username.record');
call tenant.protect('username.change');
call tenant.protect('username.retired');
call tenant.protect('roster.head');
call tenant.protect('roster.generation');
call tenant.protect('roster.object_version');
call tenant.protect('roster.evaluation');
call tenant.protect('auth.client');
call tenant.protect('auth.client_secret');

-- What is done for no tenant or for all: listing them, finding those with something to publish, what a server remembers
-- of clients, and the keys. Nothing here says anything about a person.
grant usage on schema tenant, roster, auth to oneroster_service;

grant select (tenant_id, configuration) on tenant.tenant to oneroster_service;
create policy all_tenants on tenant.tenant for select to oneroster_service using (true);
comment on policy all_tenants on tenant.tenant is 'Listing the tenants.';

grant select (tenant_id, input, version) on tenant.input_version to oneroster_service;
create policy all_tenants on tenant.input_version for select to oneroster_service using (true);
comment on policy all_tenants on tenant.input_version is 'Finding the tenants with something to publish.';

grant select on roster.evaluation to oneroster_service;
create policy all_tenants on roster.evaluation for select to oneroster_service using (true);
comment on policy all_tenants on roster.evaluation is 'Finding the tenants with something to publish.';

grant select (client_id, settings, revoked_at) on auth.client to oneroster_service;
create policy all_tenants on auth.client for select to oneroster_service using (true);
comment on policy all_tenants on auth.client is 'What every server remembers of clients: settings and revocations.';

grant select, insert, delete on auth.signing_key to oneroster_service;

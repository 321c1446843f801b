-- Signing keys are sealed with a key that the database does not have, so that a stolen dump mints no token; they are rotated with
-- an announcement. Servers of before this migration go on beside newer ones: they sign with the plain key that they know and verify what
-- the sealed ones sign. Newer servers seal a plain key as soon as no server of before needs it (src/auth/key.rs).

alter table auth.signing_key
    add column sealed_key bytea,
    add column sealed_with text collate "C",
    add column signs_from timestamptz,
    add column signs_to timestamptz,
    alter column private_key set default '',
    alter column signs_until set default clock_timestamp(),
    drop constraint signing_key_order,
    add constraint signing_key_order check (created_at < verifies_until and signs_until <= verifies_until),
    add constraint signing_key_signs check (signs_from <= signs_to and signs_to <= verifies_until);
-- Plain keys of before may stay until they are sealed; no other is ever added.
alter table auth.signing_key add constraint signing_key_sealed check (
    private_key = '' and sealed_key is not null and sealed_with is not null and signs_from is not null and signs_to is not null
) not valid;
comment on column auth.signing_key.private_key is 'PKCS #8 of a key of before they were sealed; empty in any other.';
comment on column auth.signing_key.signs_until is 'For servers of before keys were sealed, which must not try to sign with a sealed one: since long past for these.';
comment on column auth.signing_key.sealed_key is 'PKCS #8, encrypted (AES-256-GCM: nonce, text, tag) and bound to the key''s id. Null in a plain key of before.';
comment on column auth.signing_key.sealed_with is 'Which encryption key it is sealed with, by its id: no part of that key.';
comment on column auth.signing_key.signs_from is 'It signs no token before this: servers and caches learn it first.';
comment on column auth.signing_key.signs_to is 'It signs no token after this.';

-- No column by which a plain key, or another public key for the same id, could come in.
revoke insert on auth.signing_key from oneroster_service;
grant insert (key_id, sealed_key, sealed_with, public_x, public_y, signs_from, signs_to, verifies_until),
    update (private_key, sealed_key, sealed_with, signs_from, signs_to, signs_until, verifies_until)
    on auth.signing_key to oneroster_service;

-- A server signs in as a user that owns nothing, and still sees whether the database is up to date.
do $$
begin
    if to_regclass('_sqlx_migrations') is not null then
        execute format('grant select on %s to oneroster_service', to_regclass('_sqlx_migrations'));
    end if;
end
$$;

-- The tokens of a client that were issued so far may end before it does: its secret was rotated because it leaked.
alter table auth.client add column tokens_revoked_at timestamptz;
comment on column auth.client.tokens_revoked_at is 'Tokens issued until then are refused; null: none was ended so.';
grant select (tokens_revoked_at) on auth.client to oneroster_service;

create or replace function audit.kind(source text, before jsonb, after jsonb) returns text
language sql immutable
as $$
    select case source
        when 'tenant.tenant' then case when before is null then 'tenant_created' when after is null then 'tenant_deleted'
            else 'tenant_configured' end
        when 'tenant.decision' then coalesce(after ->> 'decision', before ->> 'decision', 'decision_changed')
        when 'auth.client' then case when before is null then 'client_created' when after is null then 'client_deleted'
            when after ->> 'revoked_at' is not null then 'client_revoked' when after ? 'tokens_revoked_at' then 'tokens_revoked'
            else 'client_set' end
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

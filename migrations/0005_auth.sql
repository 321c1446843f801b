-- API clients, their secrets, and the keys that sign tokens.

create schema auth;
comment on schema auth is 'Who may read: clients, secrets, signing keys.';

create table auth.client (
    tenant_id text collate "C" not null,
    client_id text collate "C" not null,
    name text not null,
    settings jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    revoked_at timestamptz,
    constraint client_pk primary key (tenant_id, client_id),
    constraint client_id_unique unique (client_id),
    constraint client_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade
);
create index client_revoked on auth.client (revoked_at) where revoked_at is not null;
comment on table auth.client is 'API clients of a tenant.';
comment on index auth.client_revoked is 'Servers ask every few seconds who was revoked.';
comment on column auth.client.tenant_id is 'The tenant whose data it reads.';
comment on column auth.client.client_id is 'Its id: the tenant''s id, a dot, random characters.';
comment on column auth.client.name is 'What an admin calls it.';
comment on column auth.client.settings is 'How this client wants to be answered (docs/clients.md).';
comment on column auth.client.created_at is 'When it was made.';
comment on column auth.client.revoked_at is 'Since when it may no longer read.';

create table auth.client_secret (
    tenant_id text collate "C" not null,
    client_id text collate "C" not null,
    secret_id bigint generated always as identity,
    secret_sha256 bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    constraint client_secret_pk primary key (tenant_id, client_id, secret_id),
    constraint client_secret_client_fk foreign key (tenant_id, client_id) references auth.client (tenant_id, client_id) on delete cascade,
    constraint client_secret_length check (length(secret_sha256) = 32)
);
comment on table auth.client_secret is 'Secrets of a client: two are valid while rotating.';
comment on column auth.client_secret.tenant_id is 'The tenant.';
comment on column auth.client_secret.client_id is 'The client.';
comment on column auth.client_secret.secret_id is 'Counts up.';
comment on column auth.client_secret.secret_sha256 is 'SHA-256 of the secret, which is 256 random bits and stored nowhere.';
comment on column auth.client_secret.created_at is 'When it was made.';
comment on column auth.client_secret.expires_at is 'Until when it is accepted; null = no end.';

create table auth.signing_key (
    key_id text collate "C" not null,
    private_key bytea not null,
    public_x bytea not null,
    public_y bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    signs_until timestamptz not null,
    verifies_until timestamptz not null,
    constraint signing_key_pk primary key (key_id),
    constraint signing_key_order check (created_at < signs_until and signs_until < verifies_until)
);
comment on table auth.signing_key is 'Keys that sign tokens (ES256). They belong to the service, not to a tenant.';
comment on column auth.signing_key.key_id is 'The kid of tokens and JWKS.';
comment on column auth.signing_key.private_key is 'PKCS #8.';
comment on column auth.signing_key.public_x is 'Public point, x.';
comment on column auth.signing_key.public_y is 'Public point, y.';
comment on column auth.signing_key.created_at is 'When it was made.';
comment on column auth.signing_key.signs_until is 'It signs no token after this.';
comment on column auth.signing_key.verifies_until is 'Tokens it signed are good no longer than this.';

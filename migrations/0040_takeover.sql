-- Taking over from another server: usernames that were served there, and clients with the id and the secret that consumers have already.

alter table username.record add column taken_over_at timestamptz;
comment on column username.record.taken_over_at is
    'When the name was taken over from another server, where it was served; null: it was not. Such a name is final.';

alter table auth.client add column carried_over_at timestamptz;
comment on column auth.client.carried_over_at is
    'When the client was carried over from another server with its id, which then need not begin with the tenant''s; null: it was made here.';
comment on column auth.client.client_id is 'Its id: the tenant''s id, a dot, random characters; of one that was carried over what it was there.';
create index client_carried_over on auth.client (client_id) where carried_over_at is not null;
comment on index auth.client_carried_over is 'Servers ask for their tenants whenever a secret is new.';
grant select (tenant_id, carried_over_at) on auth.client to oneroster_service;

alter table auth.client_secret add column is_carried_over boolean;
comment on column auth.client_secret.is_carried_over is 'True for one that another server made: it may be weaker than 256 random bits. Null for ours.';
comment on column auth.client_secret.secret_sha256 is
    'SHA-256 of the secret, which is stored nowhere; 256 random bits, unless it was carried over.';
grant select (is_carried_over) on auth.client_secret to oneroster_desk_tenant;

-- What a server must know to tell a sign-in that will fail before it asks for one: so what fails is bounded without work.

grant select (client_id, secret_id, secret_sha256, expires_at) on auth.client_secret to oneroster_service;
create policy all_tenants on auth.client_secret for select to oneroster_service using (true);
comment on policy all_tenants on auth.client_secret is
    'What every server remembers of secrets: hashes of 256 random bits, to bound what fails.';

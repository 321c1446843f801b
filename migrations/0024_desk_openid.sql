-- Signing in to the desk by OpenID Connect: what was begun, and what the provider's word gives a session.

create table desk.pending_sign_in (
    cookie_sha256 bytea not null,
    state_sha256 bytea not null,
    nonce text not null,
    verifier text not null,
    next_path text not null,
    language text collate "C" not null,
    begun_at timestamptz not null,
    constraint pending_sign_in_pk primary key (cookie_sha256),
    constraint pending_sign_in_lengths check (
        length(cookie_sha256) = 32 and length(state_sha256) = 32 and length(nonce) <= 200 and length(verifier) <= 200
        and length(next_path) <= 2000
    ),
    constraint pending_sign_in_language check (language in ('nl', 'en'))
);
create index pending_sign_in_begun on desk.pending_sign_in (begun_at);
comment on table desk.pending_sign_in is 'Who is at the provider at this moment. A row lost in a failover is a person who begins again.';
comment on index desk.pending_sign_in_begun is 'Forgetting those that took too long.';
comment on column desk.pending_sign_in.cookie_sha256 is 'SHA-256 of the 256 random bits in the cookie: it comes back to the browser that began.';
comment on column desk.pending_sign_in.state_sha256 is 'SHA-256 of the state that the provider sends back.';
comment on column desk.pending_sign_in.nonce is 'What the provider''s token must carry.';
comment on column desk.pending_sign_in.verifier is 'What the code is exchanged with (PKCE).';
comment on column desk.pending_sign_in.next_path is 'The page that was asked for.';
comment on column desk.pending_sign_in.language is 'The language of the pages until then, by its code.';
comment on column desk.pending_sign_in.begun_at is 'When.';
grant select, insert, delete on desk.pending_sign_in to oneroster_desk;

alter table desk.session add column claims jsonb;
alter table desk.session add constraint session_claims_size check (octet_length(claims::text) <= 65536);
comment on column desk.session.claims is 'What the provider''s word gives for the life of the session; null: nothing.';

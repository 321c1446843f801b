#!/bin/sh
# Run by the image of Postgres on an empty database, as `oneroster migrate --print-roles` says: the owner, the user that servers sign in as and
# that owns nothing, and the four roles that it takes on.
set -eu
psql --username=postgres --set=ON_ERROR_STOP=1 --quiet \
    --set="owner_password=$(cat /run/secrets/owner-password)" --set="serve_password=$(cat /run/secrets/serve-password)" <<'SQL'
create role oneroster_service nologin noinherit;
create role oneroster_tenant nologin noinherit;
create role oneroster_desk nologin noinherit;
create role oneroster_desk_tenant nologin noinherit;
create role oneroster login password :'owner_password';
create role oneroster_serve login noinherit password :'serve_password';
grant oneroster_service, oneroster_tenant, oneroster_desk, oneroster_desk_tenant to oneroster;
grant oneroster_service, oneroster_tenant, oneroster_desk, oneroster_desk_tenant to oneroster_serve;
create database oneroster owner oneroster encoding 'UTF8' template template0;
SQL

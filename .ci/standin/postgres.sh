#!/bin/bash
# Stands in for the entrypoint of the official image of Postgres, with Debian's Postgres: makes the database where there is
# none, runs what is in /docker-entrypoint-initdb.d, and serves. Of the official one's variables it knows those that dist/compose.yaml sets.
set -euo pipefail
data=/var/lib/postgresql/data
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
PATH=$bin:$PATH
if [ "$(id -u)" = 0 ]; then
  chown postgres "$data"
  chmod 700 "$data"
  install -d -o postgres /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi
if ! [ -s "$data/PG_VERSION" ]; then
  # shellcheck disable=SC2086
  initdb -D "$data" -U postgres --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust --auth-host=scram-sha-256 --locale=C.UTF-8 ${POSTGRES_INITDB_ARGS:-} >/dev/null
  echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
  pg_ctl -D "$data" -s -w -o "-c listen_addresses=''" start
  for script in /docker-entrypoint-initdb.d/*.sh; do sh "$script"; done
  pg_ctl -D "$data" -s -w -m fast stop
fi
exec postgres -D "$data" -c listen_addresses='*'

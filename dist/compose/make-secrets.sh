#!/bin/sh
# Makes the folder `secrets` beside compose.yaml: passwords, the settings that hold them, and the encryption key, each readable only for the user of
# the container that needs it. Run it once, as root. Keep a copy of encryption-key apart from the backups of the database.
set -eu
cd "$(dirname "$0")/.."
if [ -e secrets ]; then
    echo "make-secrets: $PWD/secrets is there already; nothing was changed" >&2
    exit 1
fi
umask 077
mkdir -p secrets tls
chmod 711 secrets
random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
for name in postgres owner serve; do
    printf '%s' "$(random)" > "secrets/$name-password"
done
head -c 32 /dev/urandom | base64 > secrets/encryption-key
serve="postgres://oneroster_serve:$(cat secrets/serve-password)@172.30.57.10/oneroster"
owner="postgres://oneroster:$(cat secrets/owner-password)@172.30.57.10/oneroster"
printf '[database]\nurl = "%s"\n' "$serve" > secrets/serve.toml
printf '[database]\nurl = "%s"\nowner_url = "%s"\n' "$serve" "$owner" > secrets/migrate.toml
# The users of the images: postgres, and oneroster.
chown 999 secrets/postgres-password secrets/owner-password secrets/serve-password
chown 10001 secrets/serve.toml secrets/migrate.toml secrets/encryption-key
chmod 400 secrets/*
echo "made $PWD/secrets; now put the certificate and its key into $PWD/tls as oneroster.crt and oneroster.key"

#!/usr/bin/env python3
"""Shows that the memory of a server is bounded by its cache, however many tenants it serves. Prints figures.

    cargo build --release && python3 benches/tenants.py [--tenants 1000] [--cache-mib 64]

Publishes one generated group and copies it, by SQL, to as many tenants; then a client of each pulls everything, over and over
the whole number, from one server whose cache holds a part of them only.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import tempfile
import time

from spine import COLLECTIONS, Postgres, Server, cpu_s, key_file, oneroster

COPY = """
insert into tenant.tenant (tenant_id, configuration)
    select 't' || n, configuration || jsonb_build_object('id', 't' || n) from tenant.tenant, generate_series(1, {tenants}) n where tenant_id = 'demo';
insert into tenant.input_version select 't' || n, {input_version} from tenant.input_version, generate_series(1, {tenants}) n where tenant_id = 'demo'
    on conflict (tenant_id, input) do update set version = excluded.version;
insert into roster.generation select 't' || n, number, gen_random_uuid(), {generation} from roster.generation, generate_series(1, {tenants}) n where tenant_id = 'demo';
insert into roster.head (tenant_id, generation_id, number, published_at)
    select tenant_id, generation_id, number, published_at from roster.generation where tenant_id <> 'demo'
    on conflict (tenant_id) do update set generation_id = excluded.generation_id, number = excluded.number, published_at = excluded.published_at;
insert into roster.evaluation select 't' || n, {evaluation} from roster.evaluation, generate_series(1, {tenants}) n where tenant_id = 'demo';
insert into roster.object_version select 't' || n, {object_version} from roster.object_version, generate_series(1, {tenants}) n where tenant_id = 'demo';
insert into auth.client (tenant_id, client_id, name) select 't' || n, 't' || n || '.benchbenchbe', 'bench' from generate_series(1, {tenants}) n;
insert into auth.client_secret (tenant_id, client_id, secret_sha256)
    select 't' || n, 't' || n || '.benchbenchbe', '\\x{secret}' from generate_series(1, {tenants}) n;
analyze;
"""


def copy(postgres, tenants):
    """Copies what is published of the one tenant to the others, whatever columns the tables have."""

    def columns(table, *left_out):
        found = postgres.psql(
            f"select string_agg(column_name, ', ' order by ordinal_position) from information_schema.columns "
            f"where table_schema || '.' || table_name = '{table}' and column_name not in ({', '.join(map(repr, ('tenant_id', *left_out)))})"
        )
        return found.strip()

    postgres.psql(
        COPY.format(
            tenants=tenants,
            secret=hashlib.sha256(b"secret").hexdigest(),
            input_version=columns("tenant.input_version"),
            generation=columns("roster.generation", "number", "generation_id"),
            evaluation=columns("roster.evaluation"),
            object_version=columns("roster.object_version"),
        )
    )


def pull(port, tenant):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    basic = base64.b64encode(f"{tenant}.benchbenchbe:secret".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/connect/token", "grant_type=client_credentials", headers)
    answer = json.loads(connection.getresponse().read())
    if "access_token" not in answer:
        raise SystemExit(f"{tenant}: {answer}")
    token = answer["access_token"]
    size = 0
    for collection in COLLECTIONS:
        connection.request("GET", f"/ims/oneroster/v1p1/{collection}?limit=10000", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        size += len(answer.read())
        assert answer.status == 200, answer.status
    return size


def status_mb(pid, key):
    return int(pathlib.Path(f"/proc/{pid}/status").read_text().split(f"{key}:")[1].split()[0]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--cache-mib", type=int, default=64)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-bench-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    os.environ["ONEROSTER_CACHE_BYTES"] = str(arguments.cache_mib << 20)
    server = None
    try:
        oneroster("generate", work / "bundle", "--pupils", 200, "--seed", 1)
        oneroster("migrate")
        oneroster("tenant", "apply", work / "bundle" / "tenant.toml")
        oneroster("import", "--tenant", "demo", work / "bundle")
        oneroster("publish", "--tenant", "demo")
        copy(postgres, arguments.tenants)
        server = Server("demo")
        before = status_mb(server.process.pid, "VmRSS")
        for round in (1, 2):
            begin, used = time.monotonic(), cpu_s(server.process.pid)
            size = sum(pull(server.port, f"t{n}") for n in range(1, arguments.tenants + 1))
            print(
                f"round {round}: {arguments.tenants} tenants, {size / 1e6:.0f} MB of JSON in {time.monotonic() - begin:.1f} s, "
                f"{(cpu_s(server.process.pid) - used) * 1000 / arguments.tenants:.1f} ms CPU of the server per tenant; resident "
                f"{status_mb(server.process.pid, 'VmRSS'):.0f} MB, never more than {status_mb(server.process.pid, 'VmHWM'):.0f} MB "
                f"({before:.0f} MB before), cache {arguments.cache_mib} MiB"
            )
    finally:
        if server:
            server.stop()
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

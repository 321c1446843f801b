#!/usr/bin/env python3
"""A region on one machine: many tenants loaded by the real commands. Prints figures, asserts none.

    cargo build --release && python3 benches/region.py [--tenants 1000] [--pupils 1200]

Load, first publication, midnight with a change in the middle of it, a day of two pulls by each consumer, a restart, memory and
disk. CPU seconds are those of the server (or the commands) and of Postgres together; 1,000 tenants take an hour or so.
"""

import argparse
import base64
import csv
import http.client
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

from spine import COLLECTIONS, ONEROSTER, Postgres, cpu_s, free_port, key_file, oneroster


class Cpu:
    """CPU seconds of Postgres, ended commands, and a server, since it was made."""

    def __init__(self, postgres, server=None):
        self.postgres, self.server, self.begin = postgres, server, time.monotonic()
        self.before = self.now()

    def now(self):
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = used.ru_utime + used.ru_stime if self.server is None else cpu_s(self.server.pid)
        return ours, self.postgres.cpu_s()

    def figures(self):
        (ours, theirs), (ours_before, theirs_before) = self.now(), self.before
        return time.monotonic() - self.begin, ours - ours_before, theirs - theirs_before

    def __str__(self):
        wall, ours, theirs = self.figures()
        return f"{wall:.1f} s wall, {ours + theirs:.1f} CPU s ({ours:.1f} ours, {theirs:.1f} Postgres)"


DUE = "(clock_timestamp() at time zone 'Europe/Brussels')::date >= greatest(today + 1, next_change)"


def due(postgres):
    return int(postgres.psql(f"select count(*) from roster.evaluation e where {DUE}"))


def serve(work):
    port = free_port()
    process = subprocess.Popen(
        [ONEROSTER, "serve", "--listen", f"127.0.0.1:{port}"], stderr=(work / "serve.log").open("a")
    )
    for _ in range(600):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return process, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def stop(process):
    process.terminate()
    process.wait()


def load(work, postgres, tenants, pupils):
    walls = []
    cpu = Cpu(postgres)
    for number in range(1, tenants + 1):
        bundle = work / "bundle"
        shutil.rmtree(bundle, ignore_errors=True)
        oneroster("generate", bundle, "--pupils", pupils, "--seed", number)
        file = bundle / "tenant.toml"
        file.write_text(file.read_text().replace('id = "demo"', f'id = "t{number}"', 1))
        oneroster("tenant", "apply", file)
        _, wall = oneroster("import", "--tenant", f"t{number}", bundle)
        walls.append(wall)
    print(f"load: {cpu}, generating included; an import {statistics.median(walls):.2f} s median, {max(walls):.2f} s worst")
    return bundle


def ordinary_midnight(postgres, process):
    """Tomorrow's midnight, today: due is who has a row that begins or is over on that day."""
    postgres.psql("update roster.evaluation set today = today - 1, next_change = next_change - 1")
    count, cpu = due(postgres), Cpu(postgres, process)
    time.sleep(4)
    while due(postgres):
        time.sleep(0.2)
    print(f"ordinary midnight, {count} tenants with a row that begins or is over: {cpu}")


def midnight(postgres, process, delta, tenant):
    """One on which every tenant has such a row: 1 September."""
    postgres.psql("update roster.evaluation set today = today - 1, next_change = today")
    cpu = Cpu(postgres, process)
    time.sleep(2)
    number = lambda: int(postgres.psql(f"select number from roster.head where tenant_id = '{tenant}'"))
    before, left = number(), due(postgres)
    oneroster("import", "--tenant", tenant, "--delta", delta)
    begin = time.monotonic()
    while number() == before and time.monotonic() - begin < 300:
        time.sleep(0.05)
    seen_s = time.monotonic() - begin
    while due(postgres):
        time.sleep(0.2)
    print(f"midnight with every tenant due: {cpu}; a change in the middle ({left} tenants still due) visible {seen_s:.1f} s after its import")


def consumer(port, client):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/connect/token", "grant_type=client_credentials", headers)
    token = json.loads(connection.getresponse().read())["access_token"]
    size = 0
    for collection in COLLECTIONS:
        offset, total = 0, 1
        while offset < total:
            path = f"/ims/oneroster/v1p1/{collection}?limit=5000&offset={offset}"
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            size += len(answer.read())
            total = int(answer.headers["X-Total-Count"])
            offset += 5000
    connection.close()
    return size


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--pupils", type=int, default=1200)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-region-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    os.environ["ONEROSTER_LOG"] = "warn"
    try:
        oneroster("migrate")
        print(f"{arguments.tenants} tenants of {arguments.pupils} pupils")
        bundle = load(work, postgres, arguments.tenants, arguments.pupils)
        cpu = Cpu(postgres)
        oneroster("publish", "--all")
        print(f"first publication, one tenant after another by a command: {cpu}")
        clients = [oneroster("client", "create", "--tenant", f"t{n}", "--name", "region")[0] for n in range(1, arguments.tenants + 1)]
        process, port = serve(work)
        time.sleep(3)
        person = next(row for row in csv.DictReader((bundle / "persoon.csv").open(encoding="utf-8-sig")) if row["voornaam"])
        delta = work / "delta"
        delta.mkdir()
        with (delta / "persoon.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, person.keys())
            writer.writeheader()
            writer.writerow(person | {"voornaam": person["voornaam"] + "x"})
        ordinary_midnight(postgres, process)
        midnight(postgres, process, delta, f"t{arguments.tenants}")
        for name in ("first", "second"):
            cpu = Cpu(postgres, process)
            size = sum(consumer(port, client) for client in clients)
            resident = int(pathlib.Path(f"/proc/{process.pid}/status").read_text().split("VmRSS:")[1].split()[0]) // 1024
            print(f"{name} pull of every tenant: {size / 1e6:.0f} MB, {cpu}; resident memory {resident} MB")
        stop(process)
        process, port = serve(work)
        cpu = Cpu(postgres, process)
        for until in (2, 10, 20):
            time.sleep(max(0, cpu.begin + until - time.monotonic()))
            wall, ours, theirs = cpu.figures()
            print(f"{wall:.0f} s after a restart: {ours + theirs:.2f} CPU s")
        stop(process)
        size = postgres.psql("select pg_size_pretty(pg_database_size(current_database()))").strip()
        print(f"disk: {size}")
    finally:
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

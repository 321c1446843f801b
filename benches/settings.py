#!/usr/bin/env python3
"""Measures what the settings of clients cost: CPU of the server for a pull with each, against the same pull without. Prints ratios.

    cargo build --release && python3 benches/settings.py

The school group of serving.py, with half of its people gone, so that there are as many removed enrollments as others; one client for
each setting, in turns, over one connection each. Machines are shared: read the ratios.
"""

import base64
import http.client
import json
import os
import pathlib
import shutil
import tempfile

from serving import ROOT_PATH, Consumer, cpu_of, in_turns, page_path, report, write_bundle
from spine import Postgres, Server, cpu_s, key_file, oneroster

DOMAINS = 'email_domain = { pupils = "leerling.bench.example", staff = "bench.example" }\nbrake_percent = 100\n'
LEAVE = """
update username.record set sync = false where tenant_id = 'bench' and ascii(right(rowguid::text, 1)) % 2 = 0;
update tenant.input_version set version = version + 1 where tenant_id = 'bench' and input = 'usernames';
"""
ALL = "email enabled_users ended_enrollments district_org unpaged_full"
# Settings, what is read, and the target of the ratio.
CASES = [
    ("email", "users", 1.3),
    ("enabled_users", "users", 1.3),
    ("ended_enrollments", "enrollments", 1.3),
    ("district_org", "orgs", 1.3),
    ("unpaged_full", "users", 1.3),
    ("unpaged_full", "enrollments", 1.3),
    (ALL, "users", 1.3),
    (ALL, "enrollments", 1.3),
    ("native_booleans", "users", None),
]
ROUNDS, REPEATS = 7, 20


def client(settings):
    """Makes a client with these settings on; the server knows it when it starts."""
    made, _ = oneroster("client", "create", "--tenant", "bench", "--name", settings or "plain")
    if settings:
        entries = [f"{key}=true" for key in settings.split()]
        oneroster("client", "set", "--tenant", "bench", made["client_id"], *entries)
    return base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()


def token(server, basic):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/connect/token", "grant_type=client_credentials", headers)
    return json.loads(connection.getresponse().read())["access_token"]


def pages(consumer, collection, settings=""):
    """Returns what is asked for all of a collection: one request, where the client gets everything at once."""
    if "unpaged_full" in settings:
        return [f"{ROOT_PATH}/{collection}"]
    answer, _ = consumer.get(page_path(collection, 0))
    return [page_path(collection, offset) for offset in range(0, int(answer.headers["X-Total-Count"]), 5_000)]


def measure(server, basics):
    for collection in ("users", "enrollments"):
        consumer = Consumer(server.port, token(server, basics["unpaged_full"]))
        size = consumer.pull(pages(consumer, collection, "unpaged_full"))
        print(f"{collection} in one answer: {size / 1e6:.0f} MB")
    print("| pull in pages of 5,000 | CPU with | CPU without | ratio | target | |\n|---|---|---|---|---|---|")
    for settings, collection, target in CASES:
        pulls = []
        for asked in (settings, ""):
            consumer = Consumer(server.port, token(server, basics[asked]))
            paths = pages(consumer, collection, asked)
            pulls.append((consumer, paths))
        cpu = lambda: cpu_s(server.process.pid)
        # A page of few objects takes less than the clock can tell.
        repeats = REPEATS * (100 if collection == "orgs" else 1)
        figures = in_turns(
            ROUNDS,
            *(lambda pull=pull: cpu_of(cpu, lambda: pull[0].pull(pull[1]), repeats)[0] for pull in pulls),
        )
        name = f"{collection}, `{settings.replace(' ', '`, `')}`"
        if target:
            report(name, *figures, target, " s", 4)
        else:
            print(f"| {name} | {figures[0]:.4f} s | {figures[1]:.4f} s | {figures[0] / figures[1]:.2f} | | |", flush=True)


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-bench-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    server = None
    try:
        write_bundle(work / "bundle")
        file = work / "tenant.toml"
        file.write_text(DOMAINS + file.read_text(encoding="utf-8"), encoding="utf-8")
        oneroster("migrate")
        oneroster("tenant", "apply", file)
        oneroster("import", "--tenant", "bench", work / "bundle")
        oneroster("publish", "--tenant", "bench")
        postgres.psql(LEAVE)
        published, _ = oneroster("publish", "--tenant", "bench")
        print(", ".join(f"{count} {kind} removed" for kind, count in published["removed"].items()))
        basics = {settings: client(settings) for settings in ["", *(settings for settings, _, _ in CASES)]}
        server = Server("bench", (work / "server.log").open("w"))
        measure(server, basics)
    finally:
        if server:
            server.stop()
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

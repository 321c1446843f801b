#!/usr/bin/env python3
"""Measures `oneroster export` in every format, beside psql's \\copy of the same rows. Prints figures, asserts none.

    cargo build --release && python3 benches/export.py [--times 10 --turns 1 --alone]

Makes a school group of 50,000 users and 150,000 enrollments, or so many times as much; imports and publishes it; exports each
format and copies the same columns in the same order with psql, in turns; then asks a server for ten zips at once. Runs a Postgres
of its own on loopback and stops it. Peak memory is that of the program, by the kernel (VmHWM). The machine is shared, so
compare within one run.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request

import serving
from spine import ONEROSTER, Postgres, Server, cpu_s, key_file, oneroster

FORMATS = ["sds-v1", "sds-v1-uk", "sds-v2.1", "oneroster-csv", "clever"]

# The same columns of the same rows, from where the program reads them.
ACTIVE = "from roster.object_version {0} where {0}.until_number is null and {0}.status = 'active' and {0}.kind = '{1}'"


def rows(kind, columns, extra="", order="o.sourced_id"):
    return f"select {columns} {ACTIVE.format('o', kind)} {extra} order by {order}"


def member(name):
    return f"o.content::json ->> '{name}'"


def reference(name):
    return f"o.content::json -> '{name}' ->> 'sourcedId'"


def membership(columns, role=None):
    extra = f"and {member('role')} = '{role}'" if role else ""
    return rows("enrollments", columns, extra, f"({reference('class')}) collate \"C\", ({reference('user')}) collate \"C\"")


PERSON = f"o.sourced_id, o.content::json -> 'orgs' -> 0 ->> 'sourcedId', {member('givenName')}, {member('familyName')}, {member('username')}"
PUPILS, STAFF = f"and {member('role')} = 'student'", f"and {member('role')} <> 'student'"
SCHOOLS = rows("orgs", f"o.sourced_id, {member('name')}")
PAIR = f"{reference('class')}, {reference('user')}"
CLASS = f"o.sourced_id, {reference('school')}, {member('title')}, {member('classCode')}, o.content::json -> 'terms' -> 0 ->> 'sourcedId'"
V1 = [
    SCHOOLS,
    rows("classes", CLASS),
    rows("users", PERSON, PUPILS),
    rows("users", PERSON, STAFF),
    membership(PAIR, "student"),
    membership(PAIR, "teacher"),
]
SAME_ROWS = {
    "sds-v1": V1,
    "sds-v1-uk": V1,
    "sds-v2.1": [
        SCHOOLS,
        rows("users", f"o.sourced_id, {member('username')}, {member('givenName')}, {member('familyName')}"),
        rows("users", f"o.sourced_id, o.content::json -> 'orgs' -> 0 ->> 'sourcedId', {member('role')}"),
        rows("academicSessions", f"o.sourced_id, {member('title')}"),
        rows("courses", f"o.sourced_id, {reference('org')}, {member('title')}, {member('courseCode')}, {reference('schoolYear')}"),
        rows("classes", CLASS),
        membership(f"{PAIR}, {member('role')}"),
    ],
    "oneroster-csv": [
        rows("academicSessions", f"o.sourced_id, {member('title')}"),
        SCHOOLS,
        rows("courses", f"o.sourced_id, {reference('org')}, {member('title')}, {member('courseCode')}, {reference('schoolYear')}"),
        rows("classes", CLASS),
        rows("users", f"{PERSON}, {member('role')}, {member('enabledUser')}, {member('identifier')}"),
        rows("enrollments", f"o.sourced_id, {PAIR}, {reference('school')}, {member('role')}, {member('primary')}, {member('beginDate')}, {member('endDate')}"),
    ],
    "clever": [
        SCHOOLS,
        rows("users", PERSON, PUPILS),
        rows("users", PERSON, STAFF),
        rows("classes", CLASS),
        membership(f"{reference('school')}, {PAIR}", "student"),
        membership(PAIR, "teacher"),
    ],
}


def run_measured(command):
    """Runs a command; returns its CPU and its peak memory in MiB.

    The peak is asked of /proc while it runs: ru_maxrss also counts what this script held when it began the process.
    """
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    peak, status, usage = 0, None, None
    while status is None:
        peak = max(peak, status_kib(process.pid, "VmHWM"))
        ended, code, usage = os.wait4(process.pid, os.WNOHANG)
        status = code if ended else None
        time.sleep(0.02)
    if status:
        raise SystemExit(f"{command} failed")
    return usage.ru_utime + usage.ru_stime, peak / 1024


def status_kib(pid, name):
    """Returns a figure of a process; 0 when it has ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name + ":")), 0)


def measured(postgres, command):
    """Returns CPU of the program and of Postgres, peak memory of the program, wall seconds."""
    before, begin = postgres.cpu_s(), time.monotonic()
    used, peak = run_measured(command)
    wall = time.monotonic() - begin
    # What an ended session used is handed to the postmaster a little later.
    time.sleep(0.2)
    return used, postgres.cpu_s() - before, peak, wall


def copy(postgres, work, format_name):
    script = work / "copy.sql"
    out = work / "copied"
    out.mkdir(exist_ok=True)
    lines = [f"\\copy ({query}) to '{out}/{number}.csv' csv header" for number, query in enumerate(SAME_ROWS[format_name])]
    script.write_text("\n".join(lines) + "\n")
    return measured(postgres, [postgres.binaries / "psql", postgres.url, "-v", "ON_ERROR_STOP=1", "-q", "-f", script])


def export(postgres, work, format_name):
    # A V1 file of many times 50,000 users is longer than its consumer takes: measured all the same.
    limit = ["--max-rows", 100_000_000]
    return measured(
        postgres, [ONEROSTER, "export", "--tenant", "bench", "--format", format_name, *limit, work / f"out-{format_name}"]
    )


def ten_at_once(postgres, tenant):
    """Asks for ten zips at once, which read slowly; the bounds let two of a tenant through."""
    server = Server(tenant)
    try:
        before = status_kib(server.process.pid, "VmRSS")
        statuses = []

        def ask():
            request = urllib.request.Request(
                f"http://127.0.0.1:{server.port}/export/oneroster-csv", headers={"Authorization": f"Bearer {server.token}"}
            )
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:
                    while answer.read(1 << 20):
                        time.sleep(0.1)
                    statuses.append(answer.status)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)

        threads = [threading.Thread(target=ask) for _ in range(10)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        peak = status_kib(server.process.pid, "VmHWM")
        print(
            f"ten requests of one tenant at once: {sorted(statuses)}, {time.monotonic() - begin:.1f} s; "
            f"server {before / 1024:.0f} MiB before, {peak / 1024:.0f} MiB at the peak"
        )
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=1, help="so many times 50,000 users")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="only the exports, without psql and the server")
    arguments = parser.parse_args()
    serving.PUPILS *= arguments.times
    serving.STAFF *= arguments.times
    serving.CLASSES *= arguments.times
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-bench-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    try:
        serving.write_bundle(work / "bundle")
        oneroster("migrate")
        oneroster("tenant", "apply", work / "tenant.toml")
        _, wall = oneroster("import", "--tenant", "bench", work / "bundle")
        published, publish_wall = oneroster("publish", "--tenant", "bench")
        postgres.psql("vacuum analyze roster.object_version;")
        print(f"{50_000 * arguments.times} users: import {wall:.0f} s, publish {publish_wall:.0f} s, {published['added']}")
        for format_name in FORMATS:
            ours, theirs = [], []
            for _ in range(arguments.turns):
                ours.append(export(postgres, work, format_name))
                theirs.append((0, float("nan"), 0, 0) if arguments.alone else copy(postgres, work, format_name))
            mine, other = (min(turns, key=lambda turn: turn[0] + turn[1]) for turns in (ours, theirs))
            size = sum(file.stat().st_size for file in (work / f"out-{format_name}").iterdir())
            print(
                f"{format_name}: {mine[0]:.2f} + {mine[1]:.2f} s CPU (program + Postgres), {mine[3]:.2f} s wall, {size / 1e6:.0f} MB; "
                f"\\copy {other[0]:.2f} + {other[1]:.2f} s CPU; ratio {(mine[0] + mine[1]) / (other[0] + other[1]):.2f}; "
                f"peak {max(turn[2] for turn in ours):.0f} MiB",
                flush=True,
            )
        if not arguments.alone:
            ten_at_once(postgres, "bench")
    finally:
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures serving against nginx with the same bytes, and against psql with the same rows. Prints ratios, asserts none.

    apt-get install nginx-light wrk
    cargo build --release && python3 benches/serving.py

Makes a school group of 50,000 users, 2,500 classes, 150,000 enrollments and 60 orgs; imports and publishes it; runs a
Postgres, the release binary (token check and log on) and an nginx (log on) beside each other on loopback, and stops all
three. Everything compared is measured in turns within one run: machines are shared, so read the ratios.
"""

import csv
import gzip
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import uuid

from spine import COLLECTIONS, ONEROSTER, Postgres, Server, cpu_s, free_port, key_file, oneroster

SCHOOLS, SITES, CLASSES, PUPILS, STAFF = 12, 5, 2_500, 47_000, 3_000
MEMBERSHIPS = 3  # of a person: 150,000 enrollments
PAGE = 5_000
ROOT_PATH = "/ims/oneroster/v1p1"
FIRST = "Jan Lotte Noor Bert Wannes Elif Mohamed Zoë Łukasz An Sofie Pieter Fien Seppe Lore Amir".split()
LAST = "Janssens Peeters Ameel IJzerman De_Smet Maes Van_den_Broeck Wouters El_Amrani Claes Goossens D'Hondt".split()


def school_year():
    today = time.localtime()
    begin = today.tm_year if today.tm_mon >= 8 else today.tm_year - 1
    return f"{begin}-{(begin + 1) % 100:02}", f"{begin}-08-01", f"{begin + 1}-07-31"


def identifier(*parts):
    """An id that looks random, as real ones do, and is the same in every run."""
    return str(uuid.UUID(bytes=hashlib.sha256(repr(parts).encode()).digest()[:16], version=4))


def write_bundle(directory):
    directory.mkdir()
    year, begin, end = school_year()
    sites = [(f"{1000 + school:06}", site) for school in range(SCHOOLS) for site in range(1, SITES + 1)]

    def table(name, header, rows):
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split())
            writer.writerows(rows)

    table("schooljaar", "schooljaar begindatum einddatum", [(year, begin, end)])
    table("school", "instelnr school schoolcode", [(f"{1000 + s:06}", f"School {s}", f"S{s}") for s in range(SCHOOLS)])
    table("schoolvest", "instelnr vestnrdiscimus hfdstructuur vestiging vestcode actief changed",
          [(school, site, 311, f"Vestiging {site}", f"V{site}", 1, "") for school, site in sites])
    people = range(1, PUPILS + STAFF + 1)
    table("persoon", "p_persoon rowguid naam voornaam geboortedatum changed",
          [(p, identifier("p", p), LAST[p * 7 % len(LAST)].replace("_", " "), FIRST[p * 5 % len(FIRST)], "2012-01-01", "") for p in people])
    pupils, staff = people[:PUPILS], people[PUPILS:]
    table("inschrijving", "p_inschr p_persoon instelnr vestnrdiscimus hfdstructuur schooljaar begindatum einddatum status changed",
          [(p, p, *sites[p % len(sites)], 311, year, begin, "", 0, "") for p in pupils])
    classes = range(1, CLASSES + 1)
    table("klassen", "p_klas scoodle_id instelnr vestnrdiscimus hfdstructuur schooljaar klascode klas groeptype changed",
          [(k, identifier("k", k), *sites[k % len(sites)], 311, year, f"K{k}", f"Klas {k}", 0, "") for k in classes])

    def memberships(person):
        # The class number has the remainder of the site: everybody is in classes of the own site.
        per_site = [k for k in range(1 + (person - 1) % len(sites), CLASSES + 1, len(sites))]
        start = person // len(sites)
        return [per_site[(start + step) % len(per_site)] for step in range(MEMBERSHIPS)]

    table("inschrklas", "p_inschrklas p_inschr p_klas vandatum totdatum changed",
          [(p * 10 + place, p, k, begin, "", "") for p in pupils for place, k in enumerate(memberships(p))])
    table("opdracht", "p_opdracht p_persoon instelnr vestnrdiscimus hfdstructuur begindatum einddatum changed",
          [(p, p, *sites[p % len(sites)], "", "", "", "") for p in staff])
    table("klasfunctiepersoon", "p_klasfunctiepersoon p_persoon p_klas p_klasfunctie begindatum einddatum changed",
          [(p * 10 + place, p, k, 2, "", "", "") for p in staff for place, k in enumerate(memberships(p))])
    entries = "".join(
        f'[[schools]]\ninstelnr = "{1000 + s:06}"\n'
        + "".join(f"[[schools.sites]]\nvestnr = {site}\nsync_default = true\n" for site in range(1, SITES + 1))
        for s in range(SCHOOLS)
    )
    (directory.parent / "tenant.toml").write_text(
        f'id = "bench"\nname = "Bench"\nactive_school_year = "{year}"\n'
        'team_name_format = "{schoolyear} {klas} - {vestiging}"\n'
        f'username_format = "{{voornaam}}.{{familienaam}}"\n{entries}',
        encoding="utf-8",
    )


class Consumer:
    """Asks over one connection."""

    def __init__(self, port, token=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path, **headers):
        self.connection.request("GET", path, headers=self.headers | headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 304):
            raise SystemExit(f"{path}: {answer.status} {body[:300]}")
        return answer, body

    def pull(self, paths, **headers):
        return sum(len(self.get(path, **headers)[1]) for path in paths)


def page_path(collection, offset, extra=""):
    return f"{ROOT_PATH}/{collection}?limit={PAGE}&offset={offset}{extra}"


class Nginx:
    """Serves files named after path, limit and offset, with a log."""

    def __init__(self, directory):
        self.directory, self.port = directory, free_port()
        (directory / "www").mkdir(parents=True)
        (directory / "nginx.conf").write_text(f"""
user root; worker_processes 2; pid {directory}/pid; error_log {directory}/error.log; daemon on;
events {{ worker_connections 1024; }}
http {{
    access_log {directory}/access.log; default_type application/json; sendfile on; tcp_nopush on;
    keepalive_requests 10000000;
    server {{
        listen 127.0.0.1:{self.port} backlog=1024; root {directory}/www;
        location / {{ try_files $uri-$arg_limit-$arg_offset$arg_sort$arg_filter.json $uri.json =404; }}
    }}
}}""")
        subprocess.run(["nginx", "-c", directory / "nginx.conf"], check=True, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if (directory / "pid").exists() and (directory / "pid").read_text().strip():
                break
            time.sleep(0.05)
        self.pid = int((directory / "pid").read_text())

    def put(self, path, body):
        name, _, query = path.partition("?")
        arguments = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        if query:
            name += f"-{arguments.get('limit', '')}-{arguments.get('offset', '')}{arguments.get('sort', '')}{arguments.get('filter', '')}"
        file = self.directory / "www" / (name.lstrip("/") + ".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

    def cpu_s(self):
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(cpu_s(int(child)) for child in children)

    def stop(self):
        os.kill(self.pid, signal.SIGQUIT)
        # It writes its log to the last.
        while pathlib.Path(f"/proc/{self.pid}").exists():
            time.sleep(0.05)


def cpu_of(measure, action, repeats):
    before = measure()
    begin = time.monotonic()
    for _ in range(repeats):
        action()
    return (measure() - before) / repeats, (time.monotonic() - begin) / repeats


def in_turns(rounds, *contenders, best=min):
    """Runs each contender once a round and gives the best of each: what else the machine does only makes it worse."""
    figures = [[] for _ in contenders]
    for _ in range(rounds):
        for place, contender in enumerate(contenders):
            figures[place].append(contender())
    return [best(values) for values in figures]


def wrk(port, path, connections, token=None, seconds=4):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        raise SystemExit(done.stdout)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def resident_mb(pid):
    return int(pathlib.Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def report(name, ours, theirs, target, unit="", digits=3, more=False):
    ratio = ours / theirs if theirs else float("inf")
    met = ratio >= target if more else ratio <= target
    print(f"| {name} | {ours:.{digits}f}{unit} | {theirs:.{digits}f}{unit} | {ratio:.2f} | "
          f"{'at least' if more else 'at most'} {target} | {'met' if met else 'MISSED'} |", flush=True)


def measure(server, postgres, nginx):
    consumer = Consumer(server.port, server.token)
    both = lambda: cpu_s(server.process.pid) + postgres.cpu_s()
    # The generation is in no memory yet: the first pull loads it.
    paths, total_bytes = [], 0

    def cold():
        nonlocal total_bytes
        for collection in COLLECTIONS:
            offset, total = 0, 1
            while offset < total:
                path = page_path(collection, offset)
                answer, body = consumer.get(path)
                paths.append(path)
                total, offset, total_bytes = int(answer.headers["X-Total-Count"]), offset + PAGE, total_bytes + len(body)

    cold_cpu, _ = cpu_of(both, cold, 1)
    for path in paths:
        nginx.put(path, consumer.get(path)[1])
    print(f"\n{len(paths)} pages, {total_bytes / 1e6:.1f} MB\n")
    print("| what | ours | compared | ratio | target | |\n|---|---|---|---|---|---|")
    read = "copy (select content from roster.object_version where tenant_id='bench' and until_number is null order by kind, sourced_id) to stdout"
    reader = lambda: postgres_read(postgres, read)
    report("CPU of a cold full pull, against psql reading the rows", cold_cpu, min(reader() for _ in range(5)), 2, " s")
    pulls = lambda port, token: Consumer(port, token)
    ours, theirs = pulls(server.port, server.token), pulls(nginx.port, None)
    repeats = 20
    for name, extra, target in [("full pull", "", 0.75), ("pull filtered by status", "&filter=status%3D%27active%27", 1.2),
                                ("pull sorted by sourcedId, descending", "&sort=sourcedId&orderBy=desc", 1.2),
                                ("pull sorted by dateLastModified", "&sort=dateLastModified", 1.2)]:
        asked = [path + extra for path in paths]
        ours.pull(asked)  # the first of its kind is reported apart
        result = in_turns(5, lambda: cpu_of(both, lambda: ours.pull(asked), repeats)[0],
                          lambda: cpu_of(nginx.cpu_s, lambda: theirs.pull(paths), repeats)[0])
        report(f"CPU of a warm {name}, against nginx", *result, target, " s", 4)
    role = [page_path("users", offset, "&filter=role%3D%27student%27") for offset in range(0, PUPILS, PAGE)]
    files = [path for path in paths if "/users?" in path]
    result = in_turns(5, lambda: cpu_of(both, lambda: ours.pull(role), 50)[0], lambda: cpu_of(nginx.cpu_s, lambda: theirs.pull(files), 50)[0])
    report("CPU of all pupils (filter on role), against nginx with all users", *result, 1.2, " s", 4)
    small, one = f"{ROOT_PATH}/users?limit=100", None
    body = json.loads(consumer.get(small)[1])
    one = f"{ROOT_PATH}/users/{body['users'][50]['sourcedId']}"
    nginx.put(small, consumer.get(small)[1])
    nginx.put(one, consumer.get(one)[1])
    for path, name, targets in [(small, "GET /users?limit=100", (0.8, 0.9)), (one, "GET one user", (0.7, 1.2))]:
        for connections, target in zip((2, 32), targets):
            result = in_turns(3, lambda: wrk(server.port, path, connections, server.token), lambda: wrk(nginx.port, path, connections), best=max)
            report(f"requests/s of {name}, {connections} connections", *result, target, "", 0, more=True)
    users = [path for path in paths if "/enrollments?" in path]
    result = in_turns(5, lambda: cpu_of(both, lambda: consumer.get(users[-2]), 200)[0], lambda: cpu_of(both, lambda: consumer.get(users[0]), 200)[0])
    report("CPU of the last full page, against the first (enrollments)", *(value * 1000 for value in result), 1.2, " ms")
    later = urllib.parse.quote("dateLastModified>'2100-01-01T00:00:00Z'")
    delta = f"{ROOT_PATH}/users?filter={later}"
    result = in_turns(3, lambda: wrk(server.port, delta, 2, server.token), lambda: wrk(server.port, one, 2, server.token), best=max)
    report("requests/s of a delta without changes, against a single user", *result, 1.0, "", 0, more=True)
    tag = consumer.get(paths[-1])[0].headers["ETag"]
    print(f"\nnot modified: {cpu_of(both, lambda: consumer.get(paths[-1], **{'If-None-Match': tag}), 500)[0] * 1e6:.0f} µs CPU per request")
    for encoding in ("identity", "zstd", "gzip", "br"):
        size = 0

        def pull():
            nonlocal size
            size = ours.pull(paths, **{"Accept-Encoding": encoding})

        used, _ = cpu_of(both, pull, 3)
        print(f"full pull, {encoding}: {used:.3f} s CPU, {size / 1e6:.1f} MB")
    return total_bytes


def postgres_read(postgres, query):
    before = postgres.cpu_s()
    command = [postgres.binaries / "psql", postgres.url, "-qAtc", query, "-o", "/dev/null"]
    psql = subprocess.Popen(command)
    _, _, usage = os.wait4(psql.pid, 0)
    psql.returncode = 0
    return postgres.cpu_s() - before + usage.ru_utime + usage.ru_stime


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-bench-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    nginx = server = None
    try:
        write_bundle(work / "bundle")
        oneroster("migrate")
        oneroster("tenant", "apply", work / "tenant.toml")
        oneroster("import", "--tenant", "bench", work / "bundle")
        published, _ = oneroster("publish", "--tenant", "bench")
        print(", ".join(f"{count} {kind}" for kind, count in published["added"].items()))
        nginx = Nginx(work / "nginx")
        server = Server("bench", (work / "server.log").open("w"))
        before = resident_mb(server.process.pid)
        total_bytes = measure(server, postgres, nginx)
        resident = resident_mb(server.process.pid)
        print(f"resident memory: {before:.0f} MB before, {resident:.0f} MB after everything = {resident * 1048576 / total_bytes:.2f} x the JSON bytes held (at most 1.8)")
    finally:
        for running in (server, nginx):
            if running:
                running.stop()
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

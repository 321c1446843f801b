#!/usr/bin/env python3
"""Measures the main job at scale: import, publication, a full pull. Prints figures, asserts none.

    cargo build --release && python3 benches/spine.py [--pupils 50000]

Runs a Postgres of its own and the release binary against it, all on loopback, and stops both. Needs Debian's Postgres
binaries and nothing else. Times are wall seconds unless marked CPU; the machine is shared, so compare within one run.
"""

import argparse
import base64
import csv
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
ONEROSTER = ROOT / "target" / "release" / "oneroster"
COLLECTIONS = ["academicSessions", "orgs", "courses", "classes", "users", "enrollments"]
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def key_file(path):
    """Makes a file with the key that signing keys are encrypted with; returns its path as text."""
    path.touch(mode=0o600)
    path.write_bytes(base64.b64encode(os.urandom(32)))
    return str(path)


class Postgres:
    """A server with the defaults of an installation, thrown away at the end."""

    def __init__(self, directory):
        self.binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.directory, self.port = directory, free_port()
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        directory.mkdir()
        if self.user:
            shutil.chown(directory, "postgres")
        self.run("initdb", "-D", directory / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c jit=off"
        self.run("pg_ctl", "-D", directory / "data", "-s", "-w", "-l", directory / "log", "-o", options, "start")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.pid = int((directory / "data" / "postmaster.pid").read_text().split()[0])

    def run(self, program, *arguments):
        command = [self.binaries / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.directory, **self.user)

    def psql(self, text):
        command = [self.binaries / "psql", self.url, "-v", "ON_ERROR_STOP=1", "-qAt"]
        return subprocess.run(command, input=text, text=True, check=True, capture_output=True).stdout

    def cpu_s(self):
        """CPU of the server: every living process, and what ended ones handed to the postmaster."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return cpu_s(self.pid, ended=True) + sum(cpu_s(int(child)) for child in children)

    def stop(self):
        self.run("pg_ctl", "-D", self.directory / "data", "-s", "-m", "fast", "stop")


def cpu_s(pid, ended=False):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(field) for field in fields[11 : 15 if ended else 13]) / TICKS


def oneroster(*arguments):
    begin = time.monotonic()
    done = subprocess.run([ONEROSTER, *map(str, arguments), "--json"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"oneroster {' '.join(map(str, arguments))} failed:\n{done.stderr}\n{done.stdout[:2000]}")
    return json.loads(done.stdout), time.monotonic() - begin


def tables(bundle):
    """Yields table, file and columns of a bundle, parents before the tables that refer to them."""
    order = ["schooljaar", "school", "schoolvest", "persoon", "inschrijving", "klassen", "inschrklas", "opdracht"]
    for table in [*order, "klasfunctiepersoon"]:
        file = bundle / f"{table}.csv"
        yield table, file, next(csv.reader(file.open(encoding="utf-8-sig")))


def copy_plain(postgres, bundle):
    """Loads the same files with psql's \\copy into tables of text with a primary key and nothing else."""
    script, keys = ["create schema plain;"], {"schoolvest": 3}
    for table, _, header in tables(bundle):
        columns = [f"{name} {'bigint' if name.startswith('p_') else 'text'}" for name in header]
        key = ", ".join(header[: keys.get(table, 1)])
        script.append(f"create table plain.{table} ({', '.join(columns)}, primary key ({key}));")
    postgres.psql("\n".join(script))
    return timed_copy(postgres, [(f"plain.{table}", file) for table, file, _ in tables(bundle)])


def timed_copy(postgres, targets):
    copies = [f"\\copy {target} from '{file}' csv header" for target, file in targets]
    begin = time.monotonic()
    postgres.psql("begin;\n" + "\n".join(copies) + "\ncommit;\n")
    return time.monotonic() - begin


class Server:
    """`oneroster serve`, and a consumer that pulls from it over one connection."""

    def __init__(self, tenant, log=subprocess.DEVNULL):
        self.port = free_port()
        self.process = subprocess.Popen([ONEROSTER, "serve", "--listen", f"127.0.0.1:{self.port}"], stderr=log)
        try:
            self.prepare(tenant)
        except BaseException:
            self.stop()
            raise

    def prepare(self, tenant):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        client, _ = oneroster("client", "create", "--tenant", tenant, "--name", "bench")
        self.basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Authorization": f"Basic {self.basic}", "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", "/connect/token", "grant_type=client_credentials", headers)
        self.token = json.loads(self.connection.getresponse().read())["access_token"]

    def pull(self):
        # It may have lain still for longer than the server keeps one.
        self.connection.close()
        rows = size = pages = 0
        for collection in COLLECTIONS:
            offset, total = 0, 1
            while offset < total:
                query = urllib.parse.urlencode({"limit": 5000, "offset": offset, "filter": "status='active'"})
                path = f"/ims/oneroster/v1p1/{collection}?{query}"
                self.connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
                answer = self.connection.getresponse()
                size += len(answer.read())
                total = int(answer.headers["X-Total-Count"])
                offset, pages = offset + 5000, pages + 1
            rows += total
        return rows, pages, size

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def measure_pull(server, postgres, name):
    before = cpu_s(server.process.pid), postgres.cpu_s()
    begin = time.monotonic()
    rows, pages, size = server.pull()
    wall = time.monotonic() - begin
    used = cpu_s(server.process.pid) - before[0], postgres.cpu_s() - before[1]
    print(
        f"full pull, {name}: {rows} objects, {pages} pages, {size / 1e6:.0f} MB: "
        f"{used[0]:.2f} s CPU server + {used[1]:.2f} s CPU Postgres, {wall:.2f} s wall"
    )


def measure_visible(postgres, delta, person):
    """How long after an import's commit one changed pupil is in the newest generation, published by the server."""
    number = lambda: postgres.psql("select number from roster.head where tenant_id = 'demo'")
    for turn in range(3):
        with (delta / "persoon.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, person.keys())
            writer.writeheader()
            writer.writerow(person | {"voornaam": person["voornaam"] + "uvw"[turn]})
        before = number()
        process = subprocess.Popen([ONEROSTER, "import", "--tenant", "demo", "--delta", str(delta)], stdout=subprocess.DEVNULL)
        version = lambda: postgres.psql("select version from tenant.input_version where tenant_id = 'demo' and input = 'mirror'")
        was, begin = version(), time.monotonic()
        while version() == was and time.monotonic() - begin < 60:
            pass
        committed = time.monotonic()
        while number() == before and time.monotonic() - committed < 60:
            time.sleep(0.01)
        print(f"one changed pupil visible {time.monotonic() - committed:.2f} s after the import's commit")
        process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pupils", type=int, default=50_000)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-bench-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    try:
        bundle = work / "bundle"
        _, wall = oneroster("generate", bundle, "--pupils", arguments.pupils, "--seed", 1)
        print(f"generate {arguments.pupils} pupils: {wall:.1f} s")
        plain = copy_plain(postgres, bundle)
        oneroster("migrate")
        oneroster("tenant", "apply", bundle / "tenant.toml")
        report, wall = oneroster("import", "--tenant", "demo", bundle)
        rows = sum(report["rows"].values())
        usernames = report["usernames_created"]
        print(f"psql \\copy into plain tables: {plain:.2f} s, {rows / plain:.0f} rows/s")
        print(f"import, checked, with {usernames} usernames: {wall:.2f} s, {rows / wall:.0f} rows/s")
        print(f"  = {wall / plain:.1f} x \\copy into plain tables")
        _, wall = oneroster("import", "--tenant", "demo", bundle)
        print(f"import again, nothing changed: {wall:.2f} s")
        report, wall = oneroster("publish", "--tenant", "demo")
        print(f"publish, cold: {wall:.2f} s ({sum(report['added'].values())} objects)")
        person = next(row for row in csv.DictReader((bundle / "persoon.csv").open(encoding="utf-8-sig")) if row["voornaam"])
        delta = work / "delta"
        delta.mkdir()
        with (delta / "persoon.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, person.keys())
            writer.writeheader()
            writer.writerow(person | {"voornaam": person["voornaam"] + "x"})
        _, wall = oneroster("import", "--tenant", "demo", "--delta", delta)
        print(f"import of one changed pupil: {wall:.2f} s")
        report, wall = oneroster("publish", "--tenant", "demo")
        print(f"publish, one changed pupil: {wall:.2f} s ({report['state']}, {report['changed']})")
        server = Server("demo")
        try:
            measure_visible(postgres, delta, person)
            measure_pull(server, postgres, "cold")
            for _ in range(3):
                measure_pull(server, postgres, "warm")
            resident = pathlib.Path(f"/proc/{server.process.pid}/status").read_text().split("VmRSS:")[1].split()[0]
            print(f"resident memory of the server: {int(resident) / 1024:.0f} MB")
        finally:
            server.stop()
    finally:
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Tries to use up what all tenants share, and measures what the others notice. Exits 1 if somebody was stopped.

    cargo build --release && python3 benches/attacks.py [attack…]

Runs a Postgres of its own and the release binary, all on loopback, and stops both. Each attack runs while a well-behaved
client of another tenant asks for tokens and a page; the figures are those of that client, beside the same without an attack.
"""

import base64
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from spine import ONEROSTER, Postgres, free_port, key_file, oneroster

OTHER_TENANT_LIMIT_S = 0.1  # 99 of 100 tokens of another tenant
CONTACT_AGE_LIMIT_S = 5
TENANTS = ["stil", "ander"]


class Served:
    """`oneroster serve` with two tenants, one of which is attacked."""

    def __init__(self, work, clients, descriptors=None, **environment):
        self.port, self.monitoring = free_port(), free_port()
        self.clients = clients
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))) if descriptors else None
        self.log = work / f"serve-{self.port}.log"
        self.process = subprocess.Popen(
            [ONEROSTER, "serve", "--listen", f"127.0.0.1:{self.port}"],
            stderr=self.log.open("w"),
            preexec_fn=limit,
            env=os.environ | {"ONEROSTER_METRICS_LISTEN": f"127.0.0.1:{self.monitoring}"} | environment,
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server did not start")

    def ask(self, method, path, body=None, headers=None, port=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def token(self, tenant, timeout=60):
        client = self.clients[tenant]
        basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", "/connect/token", "grant_type=client_credentials", headers, timeout=timeout)

    def ready(self):
        status, body = self.ask("GET", "/readyz", port=self.monitoring)
        return status, json.loads(body)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Witness(threading.Thread):
    """The other tenant: a token, a page, and the readiness, over and over."""

    def __init__(self, served):
        super().__init__(daemon=True)
        self.served, self.stopping = served, threading.Event()
        self.token_s, self.page_s, self.ages_s, self.failures = [], [], [], []

    def run(self):
        while not self.stopping.is_set():
            try:
                begin = time.monotonic()
                status, body = self.served.token("ander", timeout=30)
                self.token_s.append(time.monotonic() - begin)
                if status != 200:
                    self.failures.append(f"token {status}")
                    continue
                headers = {"Authorization": "Bearer " + json.loads(body)["access_token"]}
                begin = time.monotonic()
                status, _ = self.served.ask("GET", "/ims/oneroster/v1p1/users?limit=100", headers=headers, timeout=30)
                self.page_s.append(time.monotonic() - begin)
                if status != 200:
                    self.failures.append(f"page {status}")
                status, ready = self.served.ready()
                self.ages_s.append(ready["contact_age_s"])
                if status != 200:
                    self.failures.append(f"readyz {status}: {ready.get('detail')}")
            except OSError as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            time.sleep(0.02)

    def end(self):
        self.stopping.set()
        self.join()


def figures(name, witness, seconds):
    def line(values):
        values = sorted(values)
        at = lambda part: values[min(len(values) - 1, int(len(values) * part))] * 1000
        return f"median {at(0.5):.1f} ms, 99 % {at(0.99):.1f} ms, worst {values[-1] * 1000:.1f} ms of {len(values)}"

    print(f"{name} ({seconds:.0f} s): tokens of the other tenant {line(witness.token_s)}")
    print(f"  pages {line(witness.page_s)}; contact age at most {max(witness.ages_s, default=0)} s; failures {witness.failures[:5]}")


def judged(name, served, attack, limit_s=OTHER_TENANT_LIMIT_S, seconds=8):
    """Runs an attack beside the witness; returns whether the witness was served as it should be."""
    witness = Witness(served)
    witness.start()
    begin = time.monotonic()
    attack(served, begin + seconds)
    while time.monotonic() < begin + seconds:
        time.sleep(0.1)
    witness.end()
    figures(name, witness, time.monotonic() - begin)
    slow = statistics.quantiles(witness.token_s, n=100)[98] if len(witness.token_s) > 1 else 99
    good = not witness.failures and slow < limit_s and max(witness.ages_s) <= CONTACT_AGE_LIMIT_S
    if not good:
        print(f"  NOT AS IT SHOULD BE: {name}")
    return good


def nothing(served, until):
    pass


def stalled_head(served, until):
    """A session holds the head of one tenant and falls silent; forty token requests of that tenant."""
    statement = "begin; select from roster.head where tenant_id = 'stil' for update;\n"
    silent = subprocess.Popen(
        [served.postgres.binaries / "psql", served.postgres.url, "-q"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    silent.stdin.write(statement)
    silent.stdin.flush()
    time.sleep(0.5)
    threads = [threading.Thread(target=lambda: served.token("stil"), daemon=True) for _ in range(40)]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        time.sleep(0.1)
    silent.kill()
    silent.wait()


def held_publication(served, until):
    """A session holds the publication lock of one tenant; after a minute `/readyz` must say so."""
    silent = subprocess.Popen(
        [served.postgres.binaries / "psql", served.postgres.url, "-q"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    silent.stdin.write("select pg_advisory_lock(hashtextextended('publish stil', 0));\n")
    silent.stdin.flush()
    served.postgres.psql("update roster.evaluation set today = today - 1")
    begin, failing = time.monotonic(), []
    while not failing and time.monotonic() < begin + 90:
        time.sleep(1)
        failing = served.ready()[1]["failing"]
    print(f"  /readyz after {time.monotonic() - begin:.0f} s: failing {failing}")
    others = served.postgres.psql("select count(*) from roster.evaluation where today < (clock_timestamp() at time zone 'Europe/Brussels')::date")
    silent.kill()
    silent.wait()
    if [tenant["tenant"] for tenant in failing] != ["stil"] or int(others) != 1:
        raise SystemExit("nobody was told that a tenant is not published, or others were not published either")


def stopped_publisher(served, until):
    """`publish --redate` stopped in the middle, by SIGSTOP, wherever that is; token requests of its tenant."""
    waited = []
    for pause_s in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6):
        publisher = subprocess.Popen(
            [ONEROSTER, "publish", "--tenant", "stil", "--redate"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(pause_s)
        publisher.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        status, _ = served.token("stil", timeout=60)
        waited.append((status, round(time.monotonic() - begin, 1)))
        publisher.send_signal(signal.SIGCONT)
        publisher.wait()
    print(f"  tokens of the tenant itself (status, s): {waited}")
    if any(status != 200 for status, _ in waited):
        raise SystemExit("a stopped publisher took the tokens of its own tenant away")


def unknown_clients(served, until):
    """3,000 connections with a client id that nobody has."""
    body = b"grant_type=client_credentials&client_id=stil.aaaaaaaaaaaa&client_secret=x"
    request = b"POST /connect/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    request += b"Content-Length: %d\r\n\r\n" % len(body) + body
    sockets, statuses = [], {}
    for _ in range(3000):
        try:
            probe = socket.create_connection(("127.0.0.1", served.port), 5)
            probe.sendall(request)
            sockets.append(probe)
        except OSError:
            break
    for probe in sockets:
        probe.settimeout(30)
        try:
            status = probe.recv(12)[9:12].decode()
        except OSError:
            status = "none"
        statuses[status] = statuses.get(status, 0) + 1
        probe.close()
    print(f"  {len(sockets)} requests answered {statuses}")


def many_probes(served, until):
    """1,000 connections that ask for `/readyz`, over and over."""
    request = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"
    sockets = [socket.create_connection(("127.0.0.1", served.port), 5) for _ in range(1000)]
    asked = 0
    while time.monotonic() < until:
        for probe in sockets:
            try:
                probe.sendall(request)
                asked += 1
            except OSError:
                pass
        time.sleep(0.05)
    print(f"  {asked} questions sent")
    for probe in sockets:
        probe.close()


def silent_connections(count, opening=b""):
    def attack(served, until):
        sockets = []
        for _ in range(count):
            try:
                probe = socket.create_connection(("127.0.0.1", served.port), 5)
                probe.sendall(opening)
                sockets.append(probe)
            except OSError:
                pass
        while time.monotonic() < until:
            for probe in sockets:
                try:
                    probe.sendall(b"X" if opening else b"")
                except OSError:
                    pass
            time.sleep(1)
        print(f"  {len(sockets)} connections opened")
        for probe in sockets:
            probe.close()

    return attack


def unread_answers(served, until):
    """800 clients that ask for a large answer many times and never read."""
    token = json.loads(served.token("stil")[1])["access_token"]
    request = f"GET /ims/oneroster/v1p1/users?limit=10000 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    sockets = []
    for _ in range(800):
        probe = socket.socket()
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            probe.connect(("127.0.0.1", served.port))
            probe.sendall(request * 4)
            sockets.append(probe)
        except OSError:
            pass
    while time.monotonic() < until:
        time.sleep(0.1)
    status = pathlib.Path(f"/proc/{served.process.pid}/status").read_text()
    print(f"  {len(sockets)} readers; resident memory {int(status.split('VmRSS:')[1].split()[0]) // 1024} MB")
    for probe in sockets:
        probe.close()


ATTACKS = {
    "nothing": (nothing, {}),
    "a session that holds one tenant's head": (stalled_head, {}),
    "a session that holds one tenant's publication": (held_publication, {}),
    "a publisher that was stopped": (stopped_publisher, {}),
    "3,000 sign-ins of an unknown client": (unknown_clients, {}),
    "1,000 askers of /readyz": (many_probes, {"limit_s": 2}),
    "1,100 silent connections at 1,024 descriptors": (silent_connections(1100), {"descriptors": 1024}),
    "500 heads that never end": (silent_connections(500, b"GET / HTTP/1.1\r\nX-"), {}),
    # Their first answers fill the kernel's buffers with some gigabytes: both cores are busy with that for a second.
    "800 readers that never read": (unread_answers, {"limit_s": 2}),
}


def main():
    named = sys.argv[1:]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-attacks-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    good = True
    try:
        oneroster("migrate")
        clients = {}
        for seed, tenant in enumerate(TENANTS, 1):
            bundle = work / tenant
            oneroster("generate", bundle, "--pupils", 2000, "--seed", seed)
            file = bundle / "tenant.toml"
            file.write_text(file.read_text().replace('id = "demo"', f'id = "{tenant}"', 1))
            oneroster("tenant", "apply", file)
            oneroster("import", "--tenant", tenant, bundle)
            oneroster("publish", "--tenant", tenant)
            clients[tenant], _ = oneroster("client", "create", "--tenant", tenant, "--name", "attack")
        for name, (attack, options) in ATTACKS.items():
            if named and not any(part in name for part in named):
                continue
            limit_s = options.pop("limit_s", OTHER_TENANT_LIMIT_S)
            served = Served(work, clients, **options)
            served.postgres = postgres
            try:
                good &= judged(name, served, attack, limit_s)
            finally:
                served.stop()
            lines = served.log.read_text().splitlines()
            refused = [line for line in lines if " ERROR " in line or "no connection can be accepted" in line]
            print(f"  {len(lines)} log lines, {len(refused)} errors{': ' + refused[0][:200] if refused else ''}")
    finally:
        postgres.stop()
        shutil.rmtree(work)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

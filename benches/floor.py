#!/usr/bin/env python3
"""Measures serving against the floor: a bare epoll loop that sends the same bytes. Prints ratios, asserts none.

    cargo build --release && python3 benches/floor.py [--pupils 50000]

Needs gcc. CPU of server and client together, in turns within one run, everything at the same niceness: on loopback the
kernel's work moves between the two with their priorities. The best of several turns counts.
"""

import argparse
import http.client
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from spine import Postgres, Server, cpu_s, free_port, key_file, oneroster

TURNS = 5
ROOT = "/ims/oneroster/v1p1"


def pages(server):
    """The pages of a full pull."""
    paths = []
    for collection in ["orgs", "academicSessions", "courses", "classes", "users", "enrollments"]:
        offset, total = 0, 1
        while offset < total:
            path = f"{ROOT}/{collection}?limit=5000&offset={offset}"
            total = int(whole(server, path)[0]["x-total-count"])
            paths.append(path)
            offset += 5000
    return paths


def whole(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("GET", path, headers={"Authorization": f"Bearer {server.token}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body[:200]}")
    return answer.headers, body


class Floor:
    def __init__(self, program, work, name, responses):
        self.port = free_port()
        files = []
        for number, (headers, body) in enumerate(responses):
            head = "HTTP/1.1 200 OK\r\n" + "".join(f"{key}: {value}\r\n" for key, value in headers.items()) + "\r\n"
            file = work / f"{name}-{number}.response"
            file.write_bytes(head.encode() + body)
            files.append(file)
        self.process = subprocess.Popen([program, "serve", str(self.port), *files])
        time.sleep(0.3)

    def stop(self):
        self.process.kill()
        self.process.wait()


def asked(program, work, name, port, pid, requests, connections, rounds):
    """CPU seconds of server and client."""
    files = []
    for number, request in enumerate(requests):
        file = work / f"{name}-{port}-{number}.request"
        file.write_bytes(request.encode())
        files.append(file)
    before = cpu_s(pid)
    done = subprocess.run([program, "ask", str(port), str(connections), str(rounds), *files], check=True, capture_output=True, text=True)
    size, client_s = done.stdout.split()
    return cpu_s(pid) - before, float(client_s), int(size)


def measure(program, work, name, server, paths, connections, rounds):
    floor = Floor(program, work, name, [whole(server, path) for path in paths])
    try:
        bare = [f"GET /{number} HTTP/1.1\r\nHost: x\r\n\r\n" for number in range(len(paths))]
        ours = [f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n\r\n" for path in paths]
        best = {}
        for _ in range(TURNS):
            for side, port, pid, requests in (
                ("floor", floor.port, floor.process.pid, bare),
                ("ours", server.port, server.process.pid, ours),
            ):
                used = asked(program, work, f"{name}-{side}", port, pid, requests, connections, rounds)
                if side not in best or sum(used[:2]) < sum(best[side][:2]):
                    best[side] = used
        count = connections * rounds * len(paths)
        for side, (server_s, client_s, size) in best.items():
            each = (server_s + client_s) / count * 1e6
            print(f"  {side}: {each:.1f} µs a request, server {server_s / count * 1e6:.1f} + client {client_s / count * 1e6:.1f}, {size / count / 1000:.1f} kB")
        ratio = sum(best["ours"][:2]) / sum(best["floor"][:2])
        print(f"{name}, {connections} connections: {ratio:.2f} x the floor")
    finally:
        floor.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pupils", type=int, default=50_000)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-floor-"))
    work.chmod(0o755)
    program = work / "floor"
    source = pathlib.Path(__file__).with_name("floor.c")
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", program, source], check=True)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    try:
        bundle = work / "bundle"
        oneroster("generate", bundle, "--pupils", arguments.pupils, "--seed", 1)
        oneroster("migrate")
        oneroster("tenant", "apply", bundle / "tenant.toml")
        oneroster("import", "--tenant", "demo", bundle)
        oneroster("publish", "--tenant", "demo")
        with (work / "log").open("w") as log:
            server = Server("demo", log)
            try:
                paths = pages(server)
                measure(program, work, "full pull", server, paths, 1, 10)
                user = whole(server, f"{ROOT}/users?limit=1&fields=sourcedId")[1]
                sourced_id = user.decode().split('"sourcedId":"')[1].split('"')[0]
                for connections in (2, 32):
                    measure(program, work, "page of 100", server, [f"{ROOT}/users?limit=100"], connections, 40_000 // connections)
                    measure(program, work, "single user", server, [f"{ROOT}/users/{sourced_id}"], connections, 60_000 // connections)
            finally:
                server.stop()
    finally:
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

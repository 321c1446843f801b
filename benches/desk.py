#!/usr/bin/env python3
"""Measures the list of usernames over HTTP: rows at the top, at row 40,000, with a filter nobody asked before; and how long the view
of a day takes to make, whole and after one edit. Then the same as a browser paints it (painting.mjs), and what 200 admins cost beside a
full pull. Prints figures, asserts none.

    cargo build --release && python3 benches/desk.py

The browser is Debian's chromium, driven by what `.ci/browser` installs in tests/browser.

Makes the school group of serving.py (50,000 people), imports it, and runs a Postgres and the release binary on loopback as an
operator who is signed in; stops both. Medians of ten, in milliseconds. Read the figures within one run: machines are shared.
"""

import http.client
import json
import pathlib
import os
import random
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse

from serving import write_bundle
from spine import ONEROSTER, ROOT, Postgres, Server, cpu_s, key_file, oneroster

TIMES = 10
ADMINS = 200
BETWEEN_S = 5


class Desk:
    """Somebody at a page, over one connection."""

    def __init__(self, port, name, password):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Origin": f"http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}
        form = urllib.parse.urlencode({"name": name, "password": password})
        status, headers, body = self.send("POST", "/desk/sign-in", form, "application/x-www-form-urlencoded")
        assert status == 303, (status, body)
        self.headers["Cookie"] = headers["set-cookie"].split(";")[0]

    def send(self, method, path, body, kind):
        self.connection.request(method, path, body=body, headers=self.headers | {"Content-Type": kind})
        answer = self.connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def ask(self, path, question):
        """Asks, and returns the answer with how long it took in milliseconds."""
        begin = time.perf_counter()
        status, _, body = self.send("POST", f"/desk/api/bench/usernames/{path}", json.dumps(question), "application/json")
        took = (time.perf_counter() - begin) * 1000
        assert status == 200, (status, body)
        return json.loads(body), took


def rows(start, **more):
    return {"from": start, "to": start + 100, "sort": [{"column": "family_name"}], "filter": {}} | more


def median(what, questions, desk):
    times = [desk.ask(path, question)[1] for path, question in questions]
    print(f"{what:<64} {statistics.median(times):8.1f} ms   (worst {max(times):.1f})")


def memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


class Admin(threading.Thread):
    """One of many at the page: a request every five seconds, three of five to scroll, one in ten an edit, the others a filter."""

    def __init__(self, number, desk, people, ends):
        super().__init__()
        self.dice, self.people, self.ends, self.asked = random.Random(number), people, ends, 0
        self.desk = Desk.__new__(Desk)
        self.desk.port, self.desk.headers = desk.port, desk.headers
        self.desk.connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=120)

    def run(self):
        time.sleep(self.dice.random() * BETWEEN_S)
        while time.monotonic() < self.ends:
            begin = time.monotonic()
            self.one()
            self.asked += 1
            time.sleep(max(0, BETWEEN_S - (time.monotonic() - begin)))
        self.desk.connection.close()

    def one(self):
        what = self.dice.random()
        if what < 0.6:
            self.desk.ask("rows", rows(self.dice.randrange(self.people - 100)))
        elif what < 0.9:
            word = "".join(self.dice.choice("abdeiklmnorst") for _ in range(2))
            self.desk.ask("rows", rows(0, filter={"search": word}))
        else:
            row = self.desk.ask("rows", rows(self.dice.randrange(self.people - 100)))[0]["rows"][0]
            order = {"id": row["id"], "username": f"admin.{self.dice.randrange(10**9)}", "stamp": row["stamp"], "confirm": True}
            # Another admin may have been first.
            self.desk.send("POST", "/desk/api/bench/usernames/name", json.dumps(order), "application/json")
            self.asked += 1


def crowd(server, desk, people, for_s):
    """Lets the admins work; returns how many requests they made."""
    admins = [Admin(number, desk, people, time.monotonic() + for_s) for number in range(ADMINS)]
    for admin in admins:
        admin.start()
    for admin in admins:
        admin.join()
    return sum(admin.asked for admin in admins)


def beside_a_pull(server, postgres, desk, people):
    """CPU of the server and Postgres: pulls alone, admins alone, both at once; the last against what the first two make together."""
    used = lambda: cpu_s(server.process.pid) + postgres.cpu_s()
    server.pull()
    begin, size = used(), sum(server.pull()[2] for _ in range(3)) / 1e6
    per_mb = (used() - begin) / size
    begin, asked = used(), crowd(server, desk, people, 30)
    per_request = (used() - begin) / asked
    pulled = []

    def pulls():
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            pulled.append(server.pull()[2] / 1e6)

    pulling = threading.Thread(target=pulls)
    begin = used()
    pulling.start()
    asked_both = crowd(server, desk, people, 30)
    pulling.join()
    both = used() - begin
    alone = per_mb * sum(pulled) + per_request * asked_both
    print(f"pulls alone: {per_mb * 1000:.1f} ms CPU per MB; {ADMINS} admins alone: {per_request * 1000:.1f} ms CPU per request, {asked} requests")
    print(f"both at once, {sum(pulled):.0f} MB and {asked_both} requests: {both:.2f} s CPU, {both / alone:.2f} times what they take alone")


def main():
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        directory.chmod(0o755)
        postgres = Postgres(directory / "postgres")
        try:
            measure(directory, postgres)
        finally:
            postgres.stop()


def measure(directory, postgres):
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(directory / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(directory / "encryption-key")
    write_bundle(directory / "bundle")
    oneroster("migrate")
    oneroster("tenant", "apply", directory / "tenant.toml")
    oneroster("import", "--tenant", "bench", directory / "bundle")
    oneroster("publish", "--tenant", "bench")
    password = "a password of a bench"
    command = [ONEROSTER, "admin", "create-user", "bench", "--operator", "--password-stdin"]
    subprocess.run(command, input=password, text=True, check=True, capture_output=True)
    server = Server("bench")
    try:
        desk = Desk(server.port, "bench", password)
        before = memory_mb(server.process.pid)
        answer, first = desk.ask("rows", rows(0))
        print(f"{answer['total']} people; the view of the day is made and the first rows answered in {first:.0f} ms; "
              f"the server grew by {memory_mb(server.process.pid) - before:.0f} MB, what making it took and gave back among that")
        top = [("rows", rows(0))] * TIMES
        median("rows 0 to 100", top, desk)
        median("rows 40,000 to 40,100", [("rows", rows(40_000))] * TIMES, desk)
        median("rows 40,000 to 40,100, by username, descending",
               [("rows", rows(40_000, sort=[{"column": "username", "descending": True}]))] * TIMES, desk)
        median("rows 0 to 100, by school", [("rows", rows(0, sort=[{"column": "school"}]))] * TIMES, desk)
        words = [f"k{number} ja" for number in range(TIMES)]
        median("a search that nobody made before", [("rows", rows(0, filter={"search": word})) for word in words], desk)
        filters = [{"columns": {"username": {"contains": f"an{number}"}, "class": {"contains": "klas"}}} for number in range(TIMES)]
        median("a filter that nobody asked before", [("rows", rows(0, filter=one)) for one in filters], desk)
        median("counts", [("counts", {"filter": {}})] * TIMES, desk)
        row = answer["rows"][0]
        edits = []
        for number in range(TIMES):
            order = {"id": row["id"], "username": f"bench.{number}", "stamp": row["stamp"], "confirm": True}
            edited, took = desk.ask("name", order)
            row = edited["row"]
            edits.append(took)
        print(f"{'an edit, with the row as it is then':<64} {statistics.median(edits):8.1f} ms   (worst {max(edits):.1f})")
        print(f"resident memory of the server: {memory_mb(server.process.pid):.0f} MB")
        print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}", flush=True)
        command = ["node", ROOT / "benches" / "painting.mjs", f"http://127.0.0.1:{server.port}", "bench", "bench", password]
        subprocess.run(command, check=True, timeout=600)
        beside_a_pull(server, postgres, desk, answer["total"])
        print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}")
    finally:
        server.stop()


if __name__ == "__main__":
    main()

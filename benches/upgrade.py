#!/usr/bin/env python3
"""Two versions on one database, as docs/upgrade.md says: the old servers go on while the new ones come, under pull; then back again.

    python3 benches/upgrade.py OLD [NEW]

OLD and NEW are programs of two versions, built with the feature demo; NEW is target/release/oneroster otherwise. Runs a Postgres of its own
on loopback. Counts every answer that was not as it should be, and says whether OLD starts again afterwards.
"""

import base64
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

from spine import COLLECTIONS, ONEROSTER, Postgres, free_port, key_file

OLD, NEW = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else ONEROSTER)


def command(program, *arguments, may_fail=False):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode and not may_fail:
        raise SystemExit(f"{program} {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}{done.stdout}")
    return done


class Serving:
    def __init__(self, program):
        self.port, self.program = free_port(), program
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([program, "serve", "--listen", f"127.0.0.1:{self.port}"], stderr=self.log)

    def is_ready(self):
        for _ in range(150):
            if self.process.poll() is not None:
                return False
            try:
                if self.ask("/readyz")[0] == 200:
                    return True
            except OSError:
                pass
            time.sleep(0.2)
        return False

    def ask(self, path, method="GET", body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


class Pulls(threading.Thread):
    """Pulls everything from one server over and over: token, then every page of every collection in small steps."""

    def __init__(self, server, client):
        super().__init__(daemon=True)
        self.server, self.stopping, self.whole, self.wrong = server, threading.Event(), 0, []
        basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
        self.headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        self.start()

    def run(self):
        while not self.stopping.is_set():
            status, _, body = self.server.ask("/connect/token", "POST", "grant_type=client_credentials", self.headers)
            if status != 200:
                self.wrong.append(("token", status))
                continue
            token = json.loads(body)["access_token"]
            for collection in COLLECTIONS:
                offset, total = 0, 1
                while offset < total:
                    path = f"/ims/oneroster/v1p1/{collection}?limit=500&offset={offset}"
                    status, headers, _ = self.server.ask(path, headers={"Authorization": f"Bearer {token}"})
                    if status != 200:
                        self.wrong.append((collection, status))
                        break
                    total, offset = int(headers.get("X-Total-Count") or headers["x-total-count"]), offset + 500
            self.whole += 1

    def end(self):
        self.stopping.set()
        self.join(60)
        return self.whole, self.wrong


def main():
    with tempfile.TemporaryDirectory(prefix="oneroster-upgrade-") as folder:
        folder = pathlib.Path(folder)
        os.chmod(folder, 0o755)
        postgres = Postgres(folder / "postgres")
        running = []
        os.environ |= {
            "DATABASE_URL": postgres.url,
            "ONEROSTER_AUDIT_DIR": str(folder / "audit"),
            "ONEROSTER_LOG": "warn",
        }
        if "keys" in command(NEW, "--help").stdout:
            key = key_file(folder / "encryption-key")
        try:
            rehearse(folder, key, running)
        finally:
            for server in running:
                server.stop()
            postgres.stop()


def rehearse(folder, key, running):
    def start(program):
        # The old version may not know the setting.
        environment = {"ONEROSTER_ENCRYPTION_KEY_FILE": key} if program == NEW else {}
        os.environ.pop("ONEROSTER_ENCRYPTION_KEY_FILE", None)
        os.environ.update(environment)
        running.append(Serving(program))
        return running[-1], running[-1].is_ready()

    command(OLD, "migrate")
    command(OLD, "generate", folder / "group", "--pupils", 2000, "--seed", 3)
    command(OLD, "tenant", "apply", folder / "group/tenant.toml")
    command(OLD, "import", "--tenant", "demo", folder / "group")
    command(OLD, "publish", "--tenant", "demo")
    client = json.loads(command(OLD, "client", "create", "--tenant", "demo", "--name", "sds", "--json").stdout)
    (first, ready), (second, also) = start(OLD), start(OLD)
    assert ready and also, first.said() + second.said()
    pulls = [Pulls(first, client), Pulls(second, client)]
    time.sleep(3)

    begin = time.monotonic()
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key
    command(NEW, "migrate")
    print(f"migrated under pull in {time.monotonic() - begin:.1f} s, migration included")
    time.sleep(3)
    third, ready = start(NEW)
    assert ready, third.said()
    pulls.append(Pulls(third, client))
    print("a server of the new version serves beside two of the old one")
    os.environ.pop("ONEROSTER_ENCRYPTION_KEY_FILE", None)
    command(OLD, "--version")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key
    command(NEW, "import", "--tenant", "demo", folder / "group")
    command(NEW, "publish", "--tenant", "demo")
    time.sleep(5)
    tell("old, beside the new one", pulls[0].end(), pulls[1].end())
    first.stop()
    second.stop()
    time.sleep(3)
    tell("new, alone at the end", pulls[2].end())

    back, ready = start(OLD)
    if ready:
        pull = Pulls(back, client)
        time.sleep(3)
        tell("old, started again after the migration", pull.end())
    else:
        print("the old version does not start again:\n  " + back.said().strip().replace("\n", "\n  "))


def tell(which, *ended):
    whole, wrong = sum(count for count, _ in ended), [one for _, many in ended for one in many]
    print(f"{which}: {whole} full pulls, {len(wrong)} answers that were not 200 {sorted(set(wrong))}")


main()

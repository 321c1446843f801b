"""What goes on while a primary fails, and what became of it: pulls, tokens, publications. Used by failover.py."""

import base64
import csv
import http.client
import json
import statistics
import threading
import time

from spine import COLLECTIONS

TENANT = "demo"
PAGE_ROWS = 200
PAGE_PAUSE_S = 0.5  # A pull takes its time, so that each spans some of the failover.
PROBE_EVERY_S = 0.5
READY_EVERY_S = 0.5
DATABASE_WAIT_S = 20  # How long a request waits for a database that is away.


class Watch(threading.Thread):
    """A thread that does something over and over until it is told to stop."""

    def __init__(self, every_s):
        super().__init__(daemon=True)
        self.every_s, self.stopping = every_s, threading.Event()

    def run(self):
        while not self.stopping.is_set():
            self.turn()
            self.stopping.wait(self.every_s)

    def end(self):
        self.stopping.set()
        self.join()


class Tokens:
    """Every request for a token: when it was asked for, when it was answered, with what."""

    def __init__(self, cluster, client):
        self.cluster, self.client, self.asked = cluster, client, []

    def ask(self, server):
        begin = time.monotonic()
        try:
            status, body = self.cluster.token(server, self.client)
        except (OSError, http.client.HTTPException):
            status, body = 0, {}
        self.asked.append((begin, time.monotonic(), status))
        return body["access_token"] if status == 200 else None

    def figures(self, since):
        good = [(begin, end) for begin, end, status in self.asked if status == 200]
        bad = [(begin, end, status) for begin, end, status in self.asked if status != 200]
        waited = sorted(end - begin for begin, end in good)
        return {
            "tokens_asked": len(self.asked),
            "tokens_refused": len(bad),
            "refused_statuses": sorted({status for _, _, status in bad}),
            # When those who were refused had asked: whoever asked outside these times got a token.
            "refused_asked_s": spans(begin - since for begin, _, _ in bad),
            "tokens_waited_s": {"median": round(statistics.median(waited), 3), "worst": round(waited[-1], 1)} if waited else None,
        }


def spans(moments, apart_s=5):
    """Joins moments that lie close together: [begin, end] of each stretch."""
    found = []
    for moment in sorted(moments):
        if found and moment - found[-1][1] <= apart_s:
            found[-1][1] = round(moment, 1)
        else:
            found.append([round(moment, 1), round(moment, 1)])
    return found


class Probe(Watch):
    """Asks each server for a token, also while others still wait."""

    def __init__(self, tokens, servers):
        super().__init__(PROBE_EVERY_S)
        self.tokens, self.servers, self.asking = tokens, list(servers), []

    def turn(self):
        for server in self.servers:
            thread = threading.Thread(target=self.tokens.ask, args=(server,), daemon=True)
            thread.start()
            self.asking.append(thread)

    def end(self):
        super().end()
        for thread in self.asking:
            thread.join()


class Pulls:
    """Consumers that pull everything, page by page, with one token each time."""

    def __init__(self, cluster, tokens, count):
        self.cluster, self.tokens, self.stopping = cluster, tokens, threading.Event()
        self.guard = threading.Lock()
        self.loaded, self.seen, self.failures = set(), set(), []
        self.complete = self.pages = self.under_way = 0
        servers = list(cluster.servers())
        self.threads = [threading.Thread(target=self.consume, args=(servers[place % len(servers)], place), daemon=True) for place in range(count)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def consume(self, server, place):
        self.stopping.wait(place * 0.05)
        while not self.stopping.is_set():
            token = self.tokens.ask(server)
            if token is None:
                self.stopping.wait(1)
                continue
            with self.guard:
                self.under_way += 1
            self.pull(server, token)
            with self.guard:
                self.under_way -= 1

    def pull(self, server, token):
        claims = token.split(".")[1]
        generation = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["gen"]
        self.seen.add(generation)
        headers = {"Authorization": f"Bearer {token}"}
        for collection in COLLECTIONS:
            offset, total = 0, 1
            while offset < total:
                is_warm, begin = (server, generation) in self.loaded, time.monotonic()
                path = f"/ims/oneroster/v1p1/{collection}?limit={PAGE_ROWS}&offset={offset}"
                try:
                    status, body, answered = self.cluster.ask(server, "GET", path, headers=headers)
                except (OSError, http.client.HTTPException) as error:
                    status, body = 0, str(error).encode()
                if status != 200:
                    self.failures.append((time.monotonic(), is_warm, time.monotonic() - begin, status, body[:200].decode(errors="replace")))
                    return
                self.loaded.add((server, generation))
                self.pages += 1
                total, offset = int(answered["X-Total-Count"]), offset + PAGE_ROWS
                time.sleep(PAGE_PAUSE_S)
        self.complete += 1

    def figures(self):
        return {
            "pulls_complete": self.complete,
            "pages": self.pages,
            "warm_pulls_failed": sum(is_warm for _, is_warm, _, _, _ in self.failures),
            # Of a roster that the server had not in memory yet: it waits for the database.
            "cold_pulls_failed": sum(not is_warm for _, is_warm, _, _, _ in self.failures),
            "cold_pulls_given_up_early": sum(not is_warm and took < DATABASE_WAIT_S for _, is_warm, took, _, _ in self.failures),
            "failures": [f"{status} after {took:.1f} s: {body}" for _, _, took, status, body in self.failures[:3]],
        }


class Publisher(Watch):
    """Gives one person after another another name, imports that and publishes it, on one machine after another."""

    def __init__(self, cluster, machines, people, directory, audit=None):
        super().__init__(0.1)
        self.cluster, self.machines, self.people = cluster, list(machines), list(people)
        self.directory, self.audit, self.turns = directory, audit, 0
        # Each with when it was acknowledged.
        self.names, self.generations, self.refusals, self.latest = {}, {}, [], ""
        directory.mkdir()

    def turn(self):
        machine = self.machines[self.turns % len(self.machines)]
        person = self.people[self.turns % len(self.people)]
        self.turns += 1
        name = f"{person['voornaam']}-{self.directory.name}-{self.turns}"
        with (self.directory / "persoon.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, person.keys())
            writer.writeheader()
            writer.writerow(person | {"voornaam": name})
        if self.does(machine, "import", "--tenant", TENANT, "--delta", self.directory) is not None:
            self.names[person["p_persoon"]] = (name, time.monotonic())
        published = self.does(machine, "publish", "--tenant", TENANT)
        if published is not None:
            self.generations.setdefault(published["generation"], time.monotonic())
            self.latest = max(self.latest, published["published_at"])

    def does(self, machine, *arguments):
        code, report, said = self.cluster.oneroster(machine, *arguments, audit=self.audit)
        if code == 0 and report is not None:
            return report
        self.refusals.append((time.monotonic(), arguments[0], (said or json.dumps(report)).strip()[-400:]))
        return None


class Readiness(Watch):
    """What `/readyz` of each server says, when it says something else."""

    def __init__(self, cluster):
        super().__init__(READY_EVERY_S)
        self.cluster, self.said = cluster, []

    def turn(self):
        for server in self.cluster.servers():
            status, body = self.cluster.ready(server)
            self.said.append((time.monotonic(), server, status, body.get("database")))

    def figures(self, since):
        return {
            "not_ready_s": spans(at - since for at, _, status, _ in self.said if status != 200),
            "went_back_said": sum(database == "went back" for _, _, _, database in self.said),
        }

#!/usr/bin/env python3
"""Takes the primary away in every way while 100 consumers pull and others publish. Exits 1 if something was lost in silence.

    cargo build --release && sudo python3 benches/failover.py [--json FILE] [--keep] [killed] [machine] [isolated] [alone] [lagging]

Three machines with etcd, Patroni and Postgres (dist/ha), two with haproxy and `oneroster serve`, each a network namespace.
Debian: patroni etcd-server haproxy iproute2 iptables. All of it is taken away at the end.
"""

import argparse
import csv
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from ha_cluster import Cluster, until
from ha_load import TENANT, Probe, Publisher, Pulls, Readiness, Tokens
from spine import oneroster

PUPILS = 600
CONSUMERS = 100
BEFORE_S = 15  # Of pulls and publications before something happens.
AFTER_S = 30  # And after a new primary has acknowledged something.
MUCH_LAG = 1 << 30  # Bytes: a standby that lags takes over all the same.
ALONE_S = 90
SESSIONS_MORE = 10  # Background work of the servers goes on to take connections, ten each at the most; requests must not.
TRAIL_S = 6  # Each server has written what others did within five.


class Scene:
    """Everything that goes on beside a failover."""

    def __init__(self, world, name, publishers):
        self.world, self.cluster, self.name = world, world.cluster, name
        self.tokens = Tokens(self.cluster, world.client)
        self.pulls = Pulls(self.cluster, self.tokens, CONSUMERS)
        self.probe = Probe(self.tokens, self.cluster.servers())
        self.readiness = Readiness(self.cluster)
        self.publishers = publishers
        self.old = self.cluster.primary()

    def begin(self):
        for actor in (self.pulls, self.probe, self.readiness, *self.publishers):
            actor.start()
        time.sleep(BEFORE_S)
        self.at = time.monotonic()
        self.under_way = self.pulls.under_way

    def await_new_primary(self):
        self.new = until(lambda: (found := self.cluster.primary()) != self.old and found, "another primary", pause_s=0.1)
        self.promoted_s = time.monotonic() - self.at

    def end(self):
        for actor in (*self.publishers, self.probe, self.pulls, self.readiness):
            actor.end()

    def figures(self):
        at = self.at
        acknowledged = [when - at for one in self.publishers[:1] for when in one.generations.values() if when > at]
        return (
            {"scene": self.name, "old": self.old, "new": self.new, "primary_at_the_end": self.cluster.primary(), "pulls_under_way": self.under_way}
            | {"new_primary_after_s": round(self.promoted_s, 1)}
            | {"published_again_after_s": round(min(acknowledged), 1) if acknowledged else None}
            | self.pulls.figures()
            | self.tokens.figures(at)
            | self.readiness.figures(at)
            | self.kept()
            | {"refusals": sorted({text[-160:] for one in self.publishers for _, _, text in one.refusals})[:6]}
        )

    def kept(self):
        """Compares what anybody was told is so with what the primary has by now, whoever that is."""
        primary = until(self.cluster.primary, "a primary")
        stored = set(self.cluster.psql(primary, "select generation_id from roster.generation").split())
        people = self.cluster.psql(primary, "select p_persoon, voornaam from informat.persoon").splitlines()
        names = dict(line.split("|", 1) for line in people)
        acknowledged = {one for publisher in self.publishers for one in publisher.generations} | self.pulls.seen
        given = {person: name for publisher in self.publishers for person, (name, _) in publisher.names.items()}
        return {
            "generations_acknowledged": len(acknowledged),
            "generations_lost": len(acknowledged - stored),
            "imports_acknowledged": len(given),
            "imports_lost": sum(names.get(person) != name for person, name in given.items()),
        }


class World:
    """The cluster with a school group, and a client for the consumers."""

    def __init__(self, work):
        self.work, self.cluster = work, Cluster(work)

    def prepare(self):
        cluster, bundle = self.cluster, self.work / "bundle"
        oneroster("generate", bundle, "--pupils", PUPILS, "--seed", 1)
        cluster.start_databases()
        primary = cluster.primary()
        # As dist/ha/README.md has it: an owner that makes the roles, and the user that servers sign in as.
        cluster.psql(primary, f"create role oneroster login createrole password '{cluster.password}'", database="postgres")
        cluster.psql(primary, f"create role oneroster_serve login noinherit password '{cluster.password}'", database="postgres")
        cluster.psql(primary, "create database oneroster owner oneroster", database="postgres")
        cluster.start_servers(TENANT, bundle)
        self.client = cluster.must("app1", "client", "create", "--tenant", TENANT, "--name", "consumers")
        self.other_client = cluster.must("app1", "client", "create", "--tenant", TENANT, "--name", "to be revoked")
        people = list(csv.DictReader((bundle / "persoon.csv").open(encoding="utf-8-sig")))
        self.people = [person for person in people if person["voornaam"]]

    def publisher(self, name, machines, part, audit=None):
        """A publisher of people of its own: no other one renames them."""
        size = len(self.people) // 8
        return Publisher(self.cluster, machines, self.people[part * size : (part + 1) * size], self.work / name, audit)


def killed(world):
    """kill -9 of the primary's Postgres; its Patroni lives."""
    scene = Scene(world, "killed", [world.publisher("killed", world.cluster.servers(), 0)])
    scene.begin()
    world.cluster.kill_postgres(scene.old)
    scene.await_new_primary()
    time.sleep(AFTER_S)
    scene.end()
    return scene.figures()


def machine(world):
    """kill -9 of the primary's Postgres and Patroni: a machine that is gone."""
    scene = Scene(world, "machine", [world.publisher("machine", world.cluster.servers(), 1)])
    scene.begin()
    world.cluster.kill_machine(scene.old)
    scene.await_new_primary()
    time.sleep(AFTER_S)
    scene.end()
    world.cluster.start_patroni(scene.old)
    return scene.figures()


def isolated(world):
    """The network of the primary is cut while somebody publishes on the machine itself."""
    cluster, old = world.cluster, world.cluster.primary()
    audit = world.work / old / "audit"
    direct = world.publisher("direct", [old], 3, audit)
    scene = Scene(world, "isolated", [world.publisher("isolated", cluster.servers(), 2), direct])
    scene.begin()
    cluster.network.cut_off(old)
    scene.await_new_primary()
    time.sleep(AFTER_S)
    after = [when for when in direct.generations.values() if when > scene.at + 1]
    imported = [when for _, when in direct.names.values() if when > scene.at + 1]
    cluster.network.bring_back(old)
    scene.publishers.pop().end()
    cluster.settle()
    scene.end()
    scene.publishers.append(direct)
    # What the isolated primary had on its own disk, and what its commands wrote, must not pass for something that was lost.
    _, report, said = cluster.oneroster("app1", "recover", "--dry-run", audit=audit)
    figures = scene.figures()
    figures["acknowledged_by_the_isolated_primary"] = len(after) + len(imported)
    figures["missed_by_its_audit_folder"] = said[-200:] if report is None else len(report["tenants"])
    return figures


def alone(world):
    """Both standbys are gone: the primary acknowledges nothing, and what waits there must not use up its sessions."""
    cluster, old = world.cluster, world.cluster.primary()
    scene = Scene(world, "alone", [world.publisher("alone", cluster.servers(), 5)])
    scene.begin()
    others = [name for name in cluster.databases() if name != old]
    for away in others:
        cluster.kill_machine(away)
    sessions = []
    while len(sessions) < ALONE_S:
        sessions.append(int(cluster.psql(old, "select count(*) from pg_stat_activity where usename = 'oneroster'")))
        time.sleep(1)
    while_alone = [when for when in scene.publishers[0].generations.values() if when > scene.at + 1]
    for away in others:
        cluster.start_patroni(away)
    cluster.settle()
    scene.new, scene.promoted_s = old, 0.0
    time.sleep(AFTER_S)
    scene.end()
    figures = scene.figures() | {"acknowledged_while_alone": len(while_alone), "sessions": [sessions[ALONE_S // 3], sessions[-1]]}
    # By the first third as many requests wait as can.
    figures["sessions_are_bounded"] = sessions[-1] <= sessions[ALONE_S // 3] + SESSIONS_MORE
    return figures


def lagging(world):
    """Replication is asynchronous, and a standby without the last commits takes over: a loss that must be noticed."""
    cluster, old = world.cluster, world.cluster.primary()
    asynchronous = {"synchronous_mode": False, "synchronous_mode_strict": False, "maximum_lag_on_failover": MUCH_LAG}
    cluster.patroni(old, "/config", "PATCH", asynchronous)
    until(lambda: cluster.synchronous() is None, "replication is asynchronous")
    cluster.settle(synchronous=False)
    new, other = (name for name in cluster.databases() if name != old)
    for away in (old, other):
        cluster.network.part(new, away)
    scene = Scene(world, "lagging", [world.publisher("lagging", cluster.servers(), 4)])
    user = cluster.psql(old, "select rowguid from username.record where local_part is not null order by 1 limit 1")
    scene.begin()
    cluster.must("app1", "client", "revoke", "--tenant", TENANT, world.other_client["client_id"])
    cluster.must("app2", "usernames", "set", "--tenant", TENANT, "--user", user, "nieuwe.naam")
    time.sleep(TRAIL_S)
    scene.at = time.monotonic()
    for away in (old, other):
        cluster.kill_machine(away)
    scene.await_new_primary()
    for away in (old, other):
        cluster.network.part(new, away, parted=False)
    for server in cluster.servers():
        until(lambda: cluster.ready(server)[1].get("database") == "went back", f"{server} says that the database went back")
    noticed_s = time.monotonic() - scene.at
    time.sleep(AFTER_S)
    lost = scene.kept()
    refused = cluster.oneroster("app1", "publish", "--tenant", TENANT)
    scene.publishers[0].end()
    begin = time.monotonic()
    reports = [cluster.oneroster(server, "recover") for server in cluster.servers()]
    for server in cluster.servers():
        until(lambda: cluster.ready(server)[0] == 200, f"{server} is ready again")
    recovered_s = time.monotonic() - begin
    time.sleep(AFTER_S)
    published = cluster.must("app2", "publish", "--tenant", TENANT)
    scene.end()
    figures = scene.figures() | {
        "generations_lost": lost["generations_lost"],
        "imports_lost": lost["imports_lost"],
        "noticed_after_s": round(noticed_s - scene.promoted_s, 1),
        "publication_refused": refused[0] == 1 and "went back" in refused[2],
        "recovered_in_s": round(recovered_s, 1),
        "recover": [report and {"complete": report["complete"], "kinds": [one["kinds"] for one in report["tenants"]]} for _, report, _ in reports],
        "dated_past_what_was_lost": published["published_at"] > scene.publishers[0].latest,
        "revoked_again": cluster.token("app2", world.other_client)[0] == 401,
        "name_again": cluster.psql(new, f"select local_part from username.record where rowguid = '{user}'") == "nieuwe.naam",
    }
    figures["went_back_said"] = min(figures["went_back_said"], 1)
    return figures


SCENES = {"killed": killed, "machine": machine, "isolated": isolated, "alone": alone, "lagging": lagging}


def is_good(figures):
    """Returns whether a scene went as it should."""
    good = figures["warm_pulls_failed"] == 0 and figures["cold_pulls_given_up_early"] == 0
    if figures["scene"] == "lagging":
        recovered = all(report and report["complete"] for report in figures["recover"][-1:])
        seen = figures["went_back_said"] == 1 and figures["publication_refused"]
        mended = figures["revoked_again"] and figures["name_again"] and figures["dated_past_what_was_lost"]
        return good and seen and recovered and mended and figures["generations_lost"] > 0
    good = good and figures["published_again_after_s"] is not None and figures.get("sessions_are_bounded", True)
    good = good and not figures.get("acknowledged_while_alone")
    good = good and figures["generations_lost"] == figures["imports_lost"] == figures["went_back_said"] == 0
    return good and not figures.get("acknowledged_by_the_isolated_primary") and not figures.get("missed_by_its_audit_folder")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], default=[])
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-ha-"))
    work.chmod(0o755)
    world, results = None, []
    try:
        world = World(work)
        world.prepare()
        for name in arguments.scenes or SCENES:
            results.append(SCENES[name](world))
            print(json.dumps(results[-1], indent=1), flush=True)
            if name != "lagging":
                world.cluster.settle()
    finally:
        if world:
            world.cluster.stop()
        if arguments.keep:
            print(f"logs: {work}")
        else:
            shutil.rmtree(work)
    table(results)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(0 if all(map(is_good, results)) else 1)


def table(results):
    rows = ["new_primary_after_s", "published_again_after_s", "pulls_under_way", "pulls_complete", "warm_pulls_failed", "cold_pulls_failed"]
    rows += ["tokens_asked", "tokens_refused", "refused_asked_s", "generations_acknowledged", "generations_lost"]
    rows += ["imports_acknowledged", "imports_lost", "acknowledged_by_the_isolated_primary", "sessions", "noticed_after_s", "recovered_in_s"]
    print(f"{'':40}" + "".join(f"{one['scene']:>22}" for one in results))
    for row in rows:
        print(f"{row.replace('_', ' '):40}" + "".join(f"{str(one.get(row, '')):>22}" for one in results))
    print(f"{'as it should be':40}" + "".join(f"{str(is_good(one)):>22}" for one in results))


if __name__ == "__main__":
    main()

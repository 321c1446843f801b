#!/usr/bin/env python3
"""Makes the fixture of a released version: its database, and what it served.

    tests/it/upgrade/make.py PROGRAM VERSION

PROGRAM is the `oneroster` of that version, built with the features demo and check. Writes VERSION.dump (pg_dump, custom format; the names in
it are generated) and VERSION.json beside this script. The test `upgrade::` brings every fixture here to the schema of the day.
"""
import base64
import csv
import glob
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM, VERSION = os.path.abspath(sys.argv[1]), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
TENANT = "oud"
COLLECTIONS = ["orgs", "academicSessions", "courses", "classes", "users", "enrollments"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["ONEROSTER_DATA_DIR"] = f"{folder}/data"
        run("migrate")
        run("generate", "group", "--pupils", "5000", "--seed", "41", "--tenant", TENANT, "--school-year", "2026-27")
        run("tenant", "apply", "group/tenant.toml")
        run("import", "--tenant", TENANT, "group")
        run("publish", "--tenant", TENANT)
        client = json.loads(run("client", "create", "--tenant", TENANT, "--name", "School Data Sync", "--json"))
        old = json.loads(run("client", "create", "--tenant", TENANT, "--name", "Gesloten", "--json"))
        run("client", "revoke", "--tenant", TENANT, old["client_id"])
        password = json.loads(run("admin", "create-user", "mia.peeters", "--tenant", TENANT, "--school", school(), "--manager", "--json"))
        # A first generation is read, so that names are served; then something changes, with tombstones and a decision of a person.
        before = served(client)
        renamed = sorted(row["sourcedId"] for row in before["users"])[10]
        drop_pupils(5)
        run("import", "--tenant", TENANT, "group")
        run("usernames", "set", "--tenant", TENANT, "--user", renamed, "een.andere.naam", "--by", "mia")
        run("publish", "--tenant", TENANT)
        after = served(client, lambda: dump(f"{folder}/data", HERE / f"{VERSION}.dump"))
    expected = {
        "tenant": TENANT,
        "client": client,
        "revoked": old,
        "account": password,
        "renamed": renamed,
        "collections": {name: {"rows": len(rows), "removed": removed(rows), "sha256": digest(rows)} for name, rows in after.items()},
    }
    assert expected["collections"]["enrollments"]["removed"] > 0, "the second publication was held"
    (HERE / f"{VERSION}.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(json.dumps(expected["collections"], indent=2))


def run(*arguments):
    output = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if output.returncode != 0:
        sys.exit(f"oneroster {' '.join(arguments)}: exit {output.returncode}\n{output.stderr}{output.stdout}")
    return output.stdout


def school():
    return table("school")[0]["instelnr"]


def table(name):
    with open(f"group/{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name, rows):
    with open(f"group/{name}.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def drop_pupils(count):
    """Takes registrations out of the bundle, as of pupils who never came."""
    registrations = table("inschrijving")
    gone = [row["p_inschr"] for row in registrations if row["schooljaar"] == "2026-27" and row["begindatum"] == "2026-09-01"][:count]
    kept = {name: [row for row in table(name) if row["p_inschr"] not in gone] for name in ["inschrijving", "inschrklas"]}
    counts = {f"{name}.csv": len(rows) for name, rows in kept.items()}
    for name, rows in kept.items():
        write(name, rows)
    write("manifest", [row | {"rijen": counts.get(row["bestand"], row["rijen"])} for row in table("manifest")])


def served(client, then=lambda: None):
    """Starts the server, pulls everything as a consumer does, and does something more while the database is there."""
    server = subprocess.Popen([PROGRAM, "serve", "--listen", "127.0.0.1:18231"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    origin = "http://127.0.0.1:18231"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{origin}/readyz")
                break
            except OSError:
                time.sleep(0.2)
        credentials = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
        asked = urllib.request.Request(f"{origin}/token", b"grant_type=client_credentials", {"Authorization": f"Basic {credentials}"})
        token = json.load(urllib.request.urlopen(asked))["access_token"]
        rows = {}
        for name in COLLECTIONS:
            rows[name] = []
            while True:
                url = f"{origin}/ims/oneroster/v1p1/{name}?limit=5000&offset={len(rows[name])}"
                page = json.load(urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})))
                found = next(iter(page.values()))
                rows[name] += found
                if len(found) < 5000:
                    break
        then()
        return rows
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def digest(rows):
    """Of what must be the same in every later version: who there is, since when, and under which username."""
    lines = [" ".join([row["sourcedId"], row["status"], row["dateLastModified"], row.get("username", "")]) for row in rows]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def removed(rows):
    return sum(row["status"] == "tobedeleted" for row in rows)


def dump(data, target):
    cluster = next(pathlib.Path(data).glob("postgres-*/postmaster.pid"))
    port = cluster.read_text().splitlines()[3]
    environment = os.environ | {"PGPASSWORD": pathlib.Path(data, "password").read_text().strip()}
    program = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_dump"))[0]
    subprocess.run([program, "-h", "127.0.0.1", "-p", port, "-U", "oneroster", "-Fc", "-Z9", "-f", target, "oneroster"], env=environment, check=True)


main()

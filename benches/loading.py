#!/usr/bin/env python3
"""Measures what an import costs beside `\\copy` of the same files, in CPU seconds of client and Postgres. Prints figures, asserts none.

    cargo build --release && python3 benches/loading.py [--pupils 50000] [--rounds 5]

The `\\copy` fills the same typed tables with the same keys and checks, and adds the foreign keys that the mirror was made with
afterwards, in the same transaction. The import checks the files, makes the usernames and enters them into the audit trail.
Each round has a database of its own, made from one that is migrated and knows the tenant; copy and imports take turns.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile

import spine

TABLES = ["schooljaar", "school", "schoolvest", "persoon", "inschrijving", "klassen", "inschrklas", "opdracht", "klasfunctiepersoon"]
FOREIGN_KEY = re.compile(r"constraint (\w+) (foreign key \([^)]*\) references (?:informat|tenant)\.\w+ \([^)]*\))")


def foreign_keys():
    """The mirror's foreign keys as its first migration made them: table, name, definition."""
    text = (spine.ROOT / "migrations" / "0002_informat.sql").read_text()
    for body in re.split(r"^create table informat\.", text, flags=re.M)[1:]:
        table = body.split(" ", 1)[0]
        for name, definition in FOREIGN_KEY.findall(body.split("\n);", 1)[0]):
            if table in TABLES:
                yield table, name, definition.replace("informat.", "twin.")


def twin_statements(bundle):
    make = ["create schema twin"]
    load = ["begin"]
    for table in TABLES:
        make.append(f"create table twin.{table} (like informat.{table} including all)")
        make.append(f"alter table twin.{table} alter tenant_id set default 'demo'")
        file = bundle / f"{table}.csv"
        columns = file.open().readline().strip()
        load.append(f"\\copy twin.{table} ({columns}) from '{file}' csv header")
    load += [f"alter table twin.{table} add constraint {name} {definition}" for table, name, definition in foreign_keys()]
    load.append("commit")
    return make, load


def script(statements):
    return "".join(f"{statement}\n" if statement.startswith("\\") else f"{statement};\n" for statement in statements)


def measured(postgres, run):
    """CPU seconds of children that ended meanwhile and of Postgres."""
    before, postgres_before = os.times(), postgres.cpu_s()
    run()
    after = os.times()
    own = after.children_user + after.children_system - before.children_user - before.children_system
    return own + postgres.cpu_s() - postgres_before


def one_round(postgres, name, bundle, audit):
    postgres.psql(f"create database {name} template base")
    url = postgres.url.rsplit("/", 1)[0] + f"/{name}"
    psql = [postgres.binaries / "psql", url, "-v", "ON_ERROR_STOP=1", "-qAt"]
    make, load = twin_statements(bundle)
    subprocess.run(psql, input=script(make), text=True, check=True)
    environment = os.environ | {"DATABASE_URL": url, "ONEROSTER_AUDIT_DIR": str(audit)}
    command = [spine.ONEROSTER, "import", "--tenant", "demo", bundle, "--json"]
    run_import = lambda: subprocess.run(command, env=environment, check=True, capture_output=True)
    checkpoint = lambda: postgres.psql("checkpoint")
    figures = []
    for run in [lambda: subprocess.run(psql, input=script(load), text=True, check=True), run_import, run_import]:
        checkpoint()
        figures.append(measured(postgres, run))
    postgres.psql(f"drop database {name}")
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pupils", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-loading-"))
    directory.chmod(0o755)
    postgres = spine.Postgres(directory / "postgres")
    try:
        base = postgres.url.rsplit("/", 1)[0] + "/base"
        postgres.psql("create database base")
        os.environ |= {"DATABASE_URL": base, "ONEROSTER_AUDIT_DIR": str(directory / "audit"), "ONEROSTER_LOG": "error"}
        os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = spine.key_file(directory / "encryption-key")
        bundle = directory / "bundle"
        spine.oneroster("migrate")
        spine.oneroster("generate", bundle, "--pupils", options.pupils, "--seed", 1)
        spine.oneroster("tenant", "apply", bundle / "tenant.toml")
        rounds = [one_round(postgres, f"round{number}", bundle, directory / f"audit{number}") for number in range(options.rounds)]
    finally:
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{options.pupils} pupils, {options.rounds} rounds; CPU seconds of client and Postgres: median (least to most)")
    copies = [figures[0] for figures in rounds]
    for place, (what, limit) in enumerate([("\\copy, typed, keys, foreign keys afterwards", None), ("first import", 2.5), ("the same again", 0.8)]):
        figures = [figures[place] for figures in rounds]
        ratios = sorted(figure / copy for figure, copy in zip(figures, copies))
        beside = f"  = {statistics.median(ratios):.2f} x ({ratios[0]:.2f} to {ratios[-1]:.2f}), at most {limit}" if limit else ""
        print(f"{what:45} {statistics.median(figures):5.2f} ({min(figures):.2f} to {max(figures):.2f}){beside}")


if __name__ == "__main__":
    main()

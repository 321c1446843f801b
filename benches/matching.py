#!/usr/bin/env python3
"""Measures how well `oneroster match` recognises people, beside comparing usernames as texts. Prints figures, asserts two.

    cargo build --release -p oneroster-entra --example match_files && python3 benches/matching.py [--seeds 20] [--show DIFFICULTY]

Each seed is a school group of 5,000 people and a tenant of 8,000 accounts (matching_data.py). Per difficulty, in percent of those who
have an account: *certain* = linked, or proposed for the check file; *first* = the right account is the first that is listed; *found* =
it is among the first three. *wrong* counts people who were certainly given an account that is not theirs. The script fails
if anybody was, or if less than 95 % (of one difficulty 80 %, married names apart) of the right accounts is found.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
from collections import defaultdict

from matching_data import School

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "target/release/examples/match_files"


def local(username):
    return username.split("@")[0].lower()


def measure(seed, arguments, counts):
    school = School(seed, arguments.people, arguments.accounts)
    with tempfile.TemporaryDirectory() as folder:
        people, accounts = pathlib.Path(folder, "people.csv"), pathlib.Path(folder, "accounts")
        people.write_bytes(school.people_file())
        accounts.write_bytes(school.accounts_file())
        begin = time.monotonic()
        output = subprocess.run([arguments.program, people, accounts], capture_output=True, check=True).stdout
        took_s = time.monotonic() - begin
    answers = {person["user"]: person for person in json.loads(output)["people"]}
    names = {person.id: person for person in school.people}
    by_local = defaultdict(list)
    for account in school.accounts:
        by_local[local(account["upn"])].append(account["upn"])
    for user, (difficulty, upn) in school.truth().items():
        answer, count = answers[user], counts[difficulty]
        # Of a taken name the account is listed that has it, and is somebody else's.
        listed = [account["username"].lower() for account in answer["accounts"] if answer["verdict"] != "taken"]
        given = listed[0] if answer["verdict"] == "linked" else (answer.get("proposal") or "").lower()
        wanted = upn.lower() if upn else None
        equal = by_local[names[user].username.lower()]
        count["people"] += 1
        count["certain"] += bool(given) and given == wanted
        wrong = bool(given) and given != wanted
        count["wrong"] += wrong
        count["first"] += wanted is not None and listed[:1] == [wanted]
        found = wanted is not None and wanted in listed[:3]
        count["found"] += found
        count["equal"] += upn in equal and len(equal) == 1
        count["equal_wrong"] += bool(equal) and equal != [upn]
        if wrong or (arguments.show == difficulty and wanted and listed[:1] != [wanted]):
            person = names[user]
            print(f"{'WRONG' if wrong else 'missed'} {seed} {difficulty}: {person.given} {person.family} {person.username} "
                  f"{person.school_class} wants {wanted}: {answer['verdict']} {answer['accounts'][:3]}", file=sys.stderr)
    return took_s


def row(name, count):
    share = lambda key: f"{100 * count[key] / count['people']:7.1f}" if not name.startswith("new") else "      -"
    figures = " ".join(share(key) for key in ("certain", "first", "found"))
    print(f"{name:22} {count['people']:7} {figures} {count['wrong']:6} | {share('equal')} {count['equal_wrong']:6}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--accounts", type=int, default=8000)
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--show", help="print those of a difficulty whose account is not listed first")
    arguments = parser.parse_args()
    counts = defaultdict(lambda: defaultdict(int))
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    slowest_s = max(measure(seed, arguments, counts) for seed in seeds)
    print(f"{'difficulty':22} {'people':>7} {'certain':>7} {'first':>7} {'found':>7} {'wrong':>6} | {'equal':>7} {'wrong':>6}")
    total, wrong, too_low = defaultdict(int), 0, []
    for name, count in sorted(counts.items()):
        row(name, count)
        wrong += count["wrong"]
        if not name.startswith("new"):
            for key, value in count.items():
                total[key] += value
            if name != "married" and count["found"] < 0.80 * count["people"]:
                too_low.append(name)
    row("everyone with account", total)
    print(f"slowest seed: {slowest_s:.2f} s, reading included")
    if total["found"] < 0.95 * total["people"]:
        too_low.append("everyone")
    if wrong or too_low:
        sys.exit(f"certainly wrong: {wrong}; found too seldom: {', '.join(too_low) or 'none'}")


if __name__ == "__main__":
    main()

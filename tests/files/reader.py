"""Reads CSV exports of a roster and checks them against the rules of their format.

    python3 tests/files/reader.py check --format FORMAT DIR_OR_ZIP
    python3 tests/files/reader.py compare --format FORMAT DIR_OR_ZIP --pull PULL.json
                                  [--notes REPORT.json] [--orgs ID,ID]

Exit code 0: no fault; 1: faults, one a line (file:line: column: rule: message); 2: wrong usage.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from checks import MAX_ROWS, check_export          # noqa: E402
from compare import compare_export                 # noqa: E402
from faults import Faults                          # noqa: E402
from formats import FORMATS                        # noqa: E402
from notes import EXPECTED_RULES                   # noqa: E402
from source import Unreadable                      # noqa: E402


def _ids(text):
    return [one for one in text.split(",") if one]


def _rules(text):
    rules = {}
    for pair in _ids(text):
        difference, _, rule = pair.partition("=")
        if difference not in EXPECTED_RULES or not rule:
            raise argparse.ArgumentTypeError(
                f"{pair!r} is not one of {', '.join(EXPECTED_RULES)} = a rule or -")
        rules[difference] = rules.get(difference, ()) + (rule,)
    return rules


def _parser():
    parser = argparse.ArgumentParser(prog="reader.py")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="every rule of the format")
    compare = commands.add_parser("compare", help="the same objects as a full pull")
    for command in (check, compare):
        command.add_argument("--format", required=True, choices=sorted(FORMATS))
        command.add_argument("path", metavar="DIR_OR_ZIP")
    check.add_argument("--passwords", action="store_true",
                       help="password columns may be filled; they are held against Entra's rules")
    check.add_argument("--max-rows", type=int, default=MAX_ROWS)
    compare.add_argument("--pull", required=True, metavar="PULL.json")
    compare.add_argument("--notes", metavar="REPORT.json")
    compare.add_argument("--orgs", type=_ids, default=[], metavar="ID,ID")
    compare.add_argument("--rules", type=_rules, default={}, metavar="DIFFERENCE=RULE,...")
    compare.add_argument("--changed-after", metavar="TIMESTAMP",
                         help="for a delta: every object changed later must be in it")
    return parser


def main(arguments, out=sys.stdout):
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as stop:
        return stop.code
    faults = Faults()
    try:
        if options.command == "check":
            check_export(options.path, options.format, faults, options.passwords, options.max_rows)
        else:
            compare_export(options.path, options.format, options, faults, out)
    except (Unreadable, OSError, ValueError) as error:
        sys.stderr.write(f"reader.py: {error}\n")
        return 2
    except KeyError as error:
        sys.stderr.write(f"reader.py: {options.pull}: an object lacks {error}\n")
        return 2
    faults.print(out)
    out.write(f"{options.format}: {faults.total()} faults\n")
    return 1 if faults.total() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

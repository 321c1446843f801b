"""Makes wrong copies of a right export, one fault each, and sees that every one is refused.

    python3 tests/files/wrong_sets.py DIR_OR_ZIP --format FORMAT

Exit code 0: every copy was refused by the rule of its fault; 1: some was not; 2: wrong usage.
"""
import argparse
import io
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import reader                                       # noqa: E402
from formats import FORMATS                         # noqa: E402
from wrong_copy import Copy, NotHere                # noqa: E402
from wrong_special import faults_of                 # noqa: E402

AT_LEAST = 20


def _check(path, name):
    out = io.StringIO()
    return reader.main(["check", "--format", name, path], out), out.getvalue().splitlines()


def _names(lines, rule, file):
    """Does one of the printed faults name this rule, at this file?"""
    for line in lines:
        place, _, rest = line.partition(": ")
        if f": {rule}: " in f": {rest}" and (
                file is None or place == file or place.rsplit(":", 1)[0] == file):
            return True
    return False


def try_fault(source, folder, name, rule, change):
    """None if the wrong copy is refused by its rule, else what happened instead."""
    copy = Copy(source, folder, name)
    file = change(copy)
    code, lines = _check(copy.folder, name)
    if code != 1:
        return f"exit code {code}"
    if not _names(lines, rule, file):
        return f"no fault of rule {rule} at {file or 'any file'}: {'; '.join(lines[:3])}"
    return None


def run(source, name, out=sys.stdout):
    code, lines = _check(source, name)
    if code:
        out.write("\n".join(["the export itself is not right:", *lines[:20], ""]))
        return 1
    refused, passed, left = 0, [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, (title, rule, change) in enumerate(faults_of(name)):
            try:
                wrong = try_fault(source, os.path.join(folder, str(number)), name, rule, change)
            except NotHere as reason:
                left.append(f"left out: {title} ({reason})")
                continue
            if wrong:
                passed.append(f"NOT REFUSED: {title}: {wrong}")
            else:
                refused += 1
    for line in (*left, *passed):
        out.write(line + "\n")
    out.write(f"{name}: {refused} wrong sets refused, {len(passed)} not, {len(left)} left out\n")
    if refused + len(passed) < AT_LEAST:
        out.write(f"fewer than {AT_LEAST} wrong sets could be made\n")
        return 1
    return 1 if passed else 0


def main(arguments):
    parser = argparse.ArgumentParser(prog="wrong_sets.py")
    parser.add_argument("--format", required=True, choices=sorted(FORMATS))
    parser.add_argument("path", metavar="DIR_OR_ZIP")
    options = parser.parse_args(arguments)
    if not os.path.exists(options.path):
        parser.error(f"{options.path} is not there")
    return run(options.path, options.format)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

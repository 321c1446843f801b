"""Runs the reader on small exports written by hand, right ones and wrong ones.

    python3 tests/files/self_test.py
"""
import copy
import io
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import fixture_pull                                 # noqa: E402
import fixtures_for_self_test as fixtures           # noqa: E402
import reader                                       # noqa: E402
import wrong_sets                                   # noqa: E402
from self_test_cases import WRONG_PULLS, WRONG_REPORTS, delta_export, one_school   # noqa: E402


class Test:
    def __init__(self, folder):
        self.folder, self.failed, self.passed = folder, 0, 0
        self.pull = self.json("pull", fixture_pull.pull())

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def json(self, name, value):
        path = self.path(name + ".json")
        fixtures.write_json(path, value)
        return path

    def expect(self, title, code, arguments, text=""):
        """The reader answers with this exit code, and its output holds the text."""
        out = io.StringIO()
        got = reader.main(arguments, out)
        if got == code and text in out.getvalue():
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED: {title}: exit {got}, wanted {code} with {text!r}\n{out.getvalue()}")

    def compare(self, title, code, name, pull=None, report=None, text="", more=(), export=None):
        arguments = ["compare", "--format", name, export or self.path(name),
                     "--pull", pull or self.pull, *more]
        if report is not None:
            arguments += ["--notes", self.json("report", report)]
        self.expect(title, code, arguments, text)


def right_exports(test, name):
    files = fixtures.EXPORTS[name]
    folder, archive = test.path(name), test.path(name + ".zip")
    fixtures.write_folder(folder, files)
    fixtures.write_zip(archive, files)
    report = fixtures.report(name)
    for path in (folder, archive):
        test.expect(f"{name}: check", 0, ["check", "--format", name, path])
        test.compare(f"{name}: compare", 0, name, report=report, export=path)
    empty = test.path(name + "-empty")
    fixtures.write_folder(empty, {
        file: lines if file == "manifest.csv" else lines[:1] for file, lines in files.items()})
    test.expect(f"{name}: headers only", 0, ["check", "--format", name, empty])
    nothing = test.json("nothing", {kind: [] for kind in fixture_pull.pull()})
    test.compare(f"{name}: nothing", 0, name, pull=nothing, export=empty)


def wrong_pulls(test, name):
    for title, kind, change in WRONG_PULLS:
        pull = copy.deepcopy(fixture_pull.pull())
        if change(pull, name) is False:
            continue
        test.compare(f"{name}: pull with {title}", 1, name, test.json("other", pull), text=kind)


def wrong_reports(test, name):
    for title, rule, change in WRONG_REPORTS:
        report = copy.deepcopy(fixtures.report(name))
        if change(report, name) is False:
            continue
        test.compare(f"{name}: report with {title}", 1, name, report=report, text=rule)
    other = fixtures.report(name, notes=[(f"my-{rule}", ids)
                                         for rule, ids in fixtures.NOTES[name]])
    test.compare(f"{name}: notes under other names", 0, name, report=other, text="noted as my-")
    test.compare(f"{name}: a named rule that is not there", 1, name, report=fixtures.report(name),
                 text="not-noted", more=["--rules", "control-characters=no-such-rule"])
    silent = fixtures.report(name)
    silent["notes"] = [note for note in silent["notes"] if note["rule"] != "unsupported-characters"]
    test.compare(f"{name}: a difference that is not noted by decision", 0, name, report=silent,
                 more=["--rules", "unsupported-characters=-"])


def chosen_schools(test, name):
    files, notes = one_school(name)
    folder = test.path(name + "-one")
    fixtures.write_folder(folder, files)
    test.expect(f"{name}: check of one school", 0, ["check", "--format", name, folder])
    report = fixtures.report(name, files, notes, ("001507-2",))
    test.compare(f"{name}: one school", 0, name, report=report, export=folder,
                 more=["--orgs", "001507-2"])
    test.compare(f"{name}: one school against all", 1, name, export=folder, text="only-in-pull")
    test.compare(f"{name}: another school", 1, name, export=folder, text="only-in-files",
                 more=["--orgs", "001507-1"])
    test.compare(f"{name}: all against one school", 1, name, text="only-in-files",
                 more=["--orgs", "001507-2"])


def deltas(test):
    name = "oneroster-csv"
    files = delta_export()
    folder = test.path("delta")
    fixtures.write_folder(folder, files)
    check = ["check", "--format", name]
    test.expect("delta: check", 0, [*check, folder])
    test.compare("delta: compare", 0, name, export=folder)
    test.compare("delta: something changed is not in it", 1, name, export=folder,
                 text="only-in-pull", more=["--changed-after", "2024-09-02T05:00:00.000Z"])
    for title, rule, old, new in (
            ("a status that does not exist", "delta-filled", ",tobedeleted,", ",inactive,"),
            ("a row without a status", "delta-filled", ",active,", ",,"),
            ("a date without milliseconds", "delta-filled", "06:00:00.000Z", "06:00:00Z")):
        wrong = test.path("delta-" + rule + str(len(title)))
        fixtures.write_folder(wrong, {file: [line.replace(old, new) for line in lines]
                                      for file, lines in files.items()})
        test.expect(f"delta: {title}", 1, [*check, wrong], rule)
    wrong = test.path("delta-empty")
    fixtures.write_folder(wrong, {**files, "users.csv": files["users.csv"][:1]})
    test.expect("delta: a file without rows", 1, [*check, wrong], "delta-empty")
    wrong = test.path("delta-alive")
    fixtures.write_folder(wrong, {**files, "users.csv": [
        line.replace(",active,", ",tobedeleted,") for line in files["users.csv"]]})
    test.compare("delta: deleted, but active in the pull", 1, name, export=wrong, text="is active")


def usage(test):
    folder = test.path("sds-v1")
    test.expect("no such folder", 2, ["check", "--format", "sds-v1", test.path("nowhere")])
    test.expect("no such pull", 2, ["compare", "--format", "sds-v1", folder, "--pull", "nowhere"])
    half = test.json("half", {"orgs": []})
    test.expect("half a pull", 2, ["compare", "--format", "sds-v1", folder, "--pull", half])
    test.expect("too many rows", 1, ["check", "--format", "sds-v1", "--max-rows", "3", folder],
                "row-limit")
    for password, code in (("Welkom-2024", 0), ("welkom", 1)):
        secret = test.path("password-" + password)
        student = [line.replace("lukasz.oneil,,", f"lukasz.oneil,{password},")
                   for line in fixtures.V1["Student.csv"]]
        fixtures.write_folder(secret, {**fixtures.V1, "Student.csv": student})
        test.expect(f"a password, {code}", code,
                    ["check", "--format", "sds-v1", "--passwords", secret])
    sys.stderr.flush()
    for arguments in (["check", folder], ["check", "--format", "csv", folder], []):
        test.expect("usage", 2, arguments)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        test = Test(folder)
        for name in fixtures.EXPORTS:
            right_exports(test, name)
            wrong_pulls(test, name)
            wrong_reports(test, name)
            chosen_schools(test, name)
            failed += wrong_sets.run(test.path(name), name)
        deltas(test)
        errors, sys.stderr = sys.stderr, io.StringIO()
        usage(test)
        sys.stderr = errors
        failed += test.failed
        print(f"{test.passed} runs of the reader as expected, {test.failed} not")
    print("self-test: FAILED" if failed else "self-test: passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Cases of the self-test: wrong pulls, wrong reports, an export of one school, a delta."""
import fixture_pull
from fixtures_for_self_test import EXPORTS, ONEROSTER

ZUID = "001507-2"
STAMP = fixture_pull.STAMP


def _find(pull, kind, key):
    return next(item for item in pull[kind] if item["sourcedId"] == key)


def _set(kind, key, field, value):
    def change(pull, _):
        _find(pull, kind, key)[field] = value
    return change


def _without(kind, key):
    def change(pull, _):
        pull[kind] = [item for item in pull[kind] if item["sourcedId"] != key]
    return change


def _only(names, change):
    """The change says nothing about formats other than these."""
    return lambda document, name: change(document, name) if name in names else False


def _more(kind, key, new):
    def change(pull, _):
        pull[kind].append({**_find(pull, kind, key), "sourcedId": new})
    return change


def _exchange_orgs(pull, _):
    user = _find(pull, "users", "t-01")
    user["orgs"] = user["orgs"][::-1]


def _exchange_primary(pull, _):
    _find(pull, "enrollments", "t-02-2")["primary"] = "false"
    _find(pull, "enrollments", "t-03-2")["primary"] = "true"


def _later_teacher(pull, _):
    _find(pull, "enrollments", "t-03-2")["beginDate"] = "2024-12-01"


V2 = ("sds-v2.1", "oneroster-csv")
# (what is other, what must be printed, change)
WRONG_PULLS = [
    ("one school more", "schools: -: only-in-pull", _more("orgs", ZUID, "001507-3")),
    ("one pupil more", "people: -: only-in-pull", _more("users", "p-01", "p-04")),
    ("one pupil less", "people: -: only-in-files", _without("users", "p-01")),
    ("a deleted teacher", "people: -: only-in-files",
     _set("users", "t-06", "status", "tobedeleted")),
    ("a class less", "classes: -: only-in-files", _without("classes", "c-01")),
    ("an enrollment less", "memberships: -: only-in-files", _without("enrollments", "p-02-1")),
    ("a deleted enrollment", "memberships: -: only-in-files",
     _set("enrollments", "p-02-1", "status", "tobedeleted")),
    ("another school name", "schools: name: differs", _set("orgs", ZUID, "name", "Zuid")),
    ("another given name", "differs", _set("users", "p-01", "givenName", "Lukasz")),
    ("another username", "people: username: differs", _set("users", "p-01", "username", "l.o")),
    ("another case in a username", "people: username: differs",
     _set("users", "p-01", "username", "Lukasz.oneil")),
    ("another title", "classes: title: differs", _set("classes", "c-01", "title", "1A")),
    ("a home org exchanged", "people: ", _exchange_orgs),
    ("another begin of the year", "differs",
     _set("academicSessions", "2024-25", "startDate", "2024-09-02")),
    ("another code of a course", "differs", _only(
        ("sds-v1", "sds-v1-uk", *V2), _set("courses", "c-01", "courseCode", "1Z"))),
    ("a course more", "courses: -: only-in-pull",
     _only(V2, _more("courses", "c-01", "c-05"))),
    ("another school year", "sessions: ", _only(
        V2, _set("academicSessions", "2024-25", "schoolYear", "2026"))),
    ("a disabled user", "people: enabledUser: differs", _only(
        ("oneroster-csv",), _set("users", "p-01", "enabledUser", "false"))),
    ("another end of an enrollment", "memberships: endDate: differs", _only(
        ("oneroster-csv",), _set("enrollments", "p-01-1", "endDate", "2024-12-31"))),
    ("another primary teacher", "differs", _only(("oneroster-csv", "clever"), _exchange_primary)),
    ("a co-teacher who came later", "classes: teachers: differs", _only(
        ("clever",), _later_teacher)),
]


def _field(field, value):
    def change(report, _):
        report[field] = value
    return change


def _note(rule, field, value):
    def change(report, _):
        notes = [note for note in report["notes"] if note["rule"] == rule]
        if not notes:
            return False
        notes[0][field] = value
        return True
    return change


def _no_note(rule):
    def change(report, _):
        before = len(report["notes"])
        report["notes"] = [note for note in report["notes"] if note["rule"] != rule]
        return len(report["notes"]) < before
    return change


def _row_more(report, _):
    file = next(iter(report["rows"]))
    report["rows"][file] += 1


def _file_less(report, _):
    report["rows"].popitem()


def _new_note(rule, count, ids):
    def change(report, _):
        report["notes"].append({"rule": rule, "count": count, "sourced_ids": ids})
    return change


WRONG_REPORTS = [
    ("another format", "report-form", _field("format", "csv")),
    ("a generation in words", "report-form", _field("generation", "one")),
    ("one field more", "report-form", _field("took", 3)),
    ("a row more", "report-rows", _row_more),
    ("a file less", "report-rows", _file_less),
    ("another school", "report-orgs", _field("orgs", ["001507-1"])),
    ("a name for an id", "report-ids", _new_note("some-rule", 1, ["An Claes"])),
    ("more ids than counted", "report-form", _new_note("some-rule", 1, ["t-01", "t-02"])),
    ("a rule name with blanks", "report-form", _new_note("Some rule", 1, ["t-01"])),
    ("a rule twice", "report-form", _new_note("control-characters", 1, ["p-02"])),
    ("a wrong count", "note-count", _note("several-orgs", "count", 3)),
    ("wrong ids", "note-count", _note("several-orgs", "sourced_ids", ["p-01", "t-01"])),
    ("too few ids", "note-count", _note("several-orgs", "sourced_ids", ["t-01"])),
    ("a wrong count of texts", "note-count", _note("control-characters", "count", 90)),
    *((f"no note of {rule}", "not-noted", _no_note(rule)) for rule in (
        "several-orgs", "staff-and-pupil", "control-characters", "unsupported-characters",
        "section-without-primary-teacher", "section-without-pupils", "more-than-four-teachers")),
]

# Who and what belongs to school 001507-2: p-03 and t-01 by their orgs, t-05, t-06, two classes.
PEOPLE = ("p-03", "t-01", "t-05", "t-06")
CLASSES = ("c-03", "c-04")
IN_OTHER = [("in-other-export", ["p-03", "t-01"])]


def one_school(name):
    """The export of school 001507-2 alone, and its notes."""
    notes = list(IN_OTHER)
    if name == "clever":
        notes += [("section-without-primary-teacher", ["c-03"]),
                  ("section-without-pupils", ["c-04"])]
    if name in ("sds-v1", "sds-v1-uk", "clever"):
        notes.append(("several-orgs", ["p-03", "t-01"]))
    files = {}
    for file, lines in EXPORTS[name].items():
        rows = lines[1:]
        if file != "manifest.csv" and "cademic" not in file:
            rows = [_moved(name, file, row) for row in rows if _belongs(name, file, row)]
        files[file] = [lines[0], *rows]
    return files, notes


def _belongs(name, file, row):
    cells = row.split(",")
    if name == "clever" and file in ("sections.csv", "enrollments.csv"):
        return any(cell in CLASSES for cell in cells)
    if file in ("StudentEnrollment.csv", "TeacherRoster.csv", "enrollments.csv"):
        return any(cell in CLASSES for cell in cells)
    if file == "roles.csv":
        return cells[1] == ZUID
    return any(cell in PEOPLE or cell in CLASSES for cell in cells) or cells[0] == ZUID


def _moved(name, file, row):
    """t-01 stands in this export under its own school."""
    if file == "roles.csv":
        return row.replace("FALSE", "TRUE")
    if name == "oneroster-csv" and file == "users.csv":
        return row.replace('"001507-1,001507-2"', ZUID).replace('"001507-2,001507-1"', ZUID)
    if "t-01" in row.split(","):
        return row.replace("001507-1", ZUID)
    return row


def delta_export():
    """One user changed, one user and one enrollment are gone."""
    def row(file, key, status, old="", new=""):
        line = next(line for line in ONEROSTER[file] if line.startswith(key + ","))
        return line.replace(",,,", f",{status},{STAMP},", 1).replace(old, new, 1)

    kinds = ("users", "enrollments")
    manifest = [line.replace(",bulk", ",delta" if line[5:].split(",")[0] in kinds else ",absent")
                for line in ONEROSTER["manifest.csv"]]
    return {
        "manifest.csv": manifest,
        "users.csv": [
            ONEROSTER["users.csv"][0], row("users.csv", "p-01", "active"),
            f"p-09,tobedeleted,{STAMP},true,001507-1,student,weg.weg,,Weg,Weg,,p-09,,,,,,"],
        "enrollments.csv": [
            ONEROSTER["enrollments.csv"][0],
            f"p-09-1,tobedeleted,{STAMP},c-01,001507-1,p-09,student,,2024-09-01,2024-09-30"],
    }

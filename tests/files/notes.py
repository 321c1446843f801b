"""The report of an export: its form, its row counts, and a note for every documented difference."""
import json
import re
from typing import NamedTuple

from faults import shown
from pull import cleaned

REPORT = "report"

# Rule names expected for each documented difference. One of the names is enough. A difference
# whose names do not occur is looked for by count and ids. `--rules difference=name` replaces the
# names, `--rules difference=-` says that this difference is not noted.
EXPECTED_RULES = {
    "several-orgs": ("more-schools", "several-orgs"),
    "in-other-export": ("in-other-export",),
    "staff-and-pupil": ("staff-and-pupil",),
    "section-without-primary-teacher": ("section-left-out",
                                        "section-without-primary-teacher"),
    "section-without-pupils": ("section-left-out", "section-without-pupils"),
    "more-than-four-teachers": ("more-teachers", "more-than-four-teachers"),
    "control-characters": ("control-characters", "outer-blanks"),
    "unsupported-characters": ("special-characters", "unsupported-characters"),
}

ONE_PER_PERSON = ("sds-v1", "sds-v1-uk", "clever")
UNSUPPORTED = set('"\\/:*?<>|#%&~{}')
RULE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
FIELDS = {"tenant": str, "format": str, "generation": int, "published_at": (str, type(None)),
          "path": str, "orgs": list, "rows": dict, "notes": list}
# What else it may hold: whether nothing was written, and after which generation changes are told.
OPTIONAL_FIELDS = {"dry_run", "since"}
SHOWN_IDS = 20


class Difference(NamedTuple):
    """Sets of ids that a note may count; a ranged one takes any count from low to high."""
    name: str
    sets: tuple
    ranged: bool = False
    low: int = 0
    high: int = 0

    def fits(self, count, ids):
        if self.ranged:
            return (self.low <= count <= self.high and set(ids) <= self.sets[0]
                    and len(ids) >= min(SHOWN_IDS, max(1, self.low)))
        return any(count == len(wanted) and set(ids) <= wanted
                   and len(set(ids)) == min(SHOWN_IDS, len(wanted)) for wanted in self.sets)

    @property
    def count(self):
        return self.low if self.ranged else len(self.sets[0])

    @property
    def optional(self):
        return self.low == 0 if self.ranged else any(not wanted for wanted in self.sets)


def differences(name, pull, texts, left_out):
    """Every documented difference between this export and the pull."""
    found = []
    users = pull["users"].values()
    if name in ONE_PER_PERSON:
        several = {user["sourcedId"] for user in users if len(user.get("orgs") or ()) > 1}
        inside = {user["sourcedId"] for user in users if len(pull.user_orgs(user)) > 1}
        found.append(Difference("several-orgs", (several, inside)))
        found.append(Difference("staff-and-pupil", (
            {user["sourcedId"] for user in users if pull.is_staff_and_pupil(user)},)))
    if pull.chosen is not None:
        found.append(Difference("in-other-export", ({
            user["sourcedId"] for user in users
            if any(org["sourcedId"] not in pull.chosen for org in user.get("orgs") or ())},)))
    if name == "clever":
        teacher, pupils = left_out["no primary"], left_out["no pupils"]
        found += [
            Difference("section-without-primary-teacher",
                       (teacher, teacher - pupils, teacher | pupils)),
            Difference("section-without-pupils", (pupils, pupils - teacher, teacher | pupils)),
            Difference("more-than-four-teachers", (left_out["five teachers"],)),
        ]
    hidden = left_out.get("no primary", set()) | left_out.get("no pupils", set())
    dirty = {key for key in hidden if cleaned(pull["classes"][key]["title"])
             != {pull["classes"][key]["title"]}}
    found.append(Difference("control-characters", (texts.ids | dirty,), True, len(texts.owners),
                            2 * (texts.cells + len(dirty))))
    titles = {key for key, klas in pull["classes"].items() if UNSUPPORTED & set(klas["title"])}
    found.append(Difference("unsupported-characters", (titles,), True, len(titles - hidden),
                            2 * len(titles)))
    return found


def check_report(path, name, export, pull, orgs, found, rules, faults, out):
    with open(path, encoding="utf-8") as handle:
        report = json.load(handle)
    if not _check_form(report, name, faults):
        return
    _check_rows(report["rows"], export, faults)
    known = set(pull.chosen if pull.chosen is not None else pull["orgs"])
    if set(report["orgs"]) != known and (orgs or report["orgs"]):
        faults.add(REPORT, 0, "orgs", "report-orgs", "names other schools than were exported")
    _check_note_form(report["notes"], pull, export.delta, faults)
    if not export.delta:
        _check_notes(report["notes"], found, rules, faults, out)


def _check_form(report, name, faults):
    before = faults.total()
    if not isinstance(report, dict) or set(report) - OPTIONAL_FIELDS != set(FIELDS):
        faults.add(REPORT, 0, "", "report-form", f"must hold exactly {', '.join(FIELDS)}")
        return False
    for field, kind in FIELDS.items():
        if not isinstance(report[field], kind) or isinstance(report[field], bool):
            faults.add(REPORT, 0, field, "report-form", "is of another type")
    if report["format"] != name:
        faults.add(REPORT, 0, "format", "report-form", f"is {shown(report['format'])}, not {name}")
    if not all(isinstance(one, str) for one in report["orgs"] or ()):
        faults.add(REPORT, 0, "orgs", "report-form", "must hold ids")
    for note in report["notes"] if isinstance(report["notes"], list) else ():
        if not isinstance(note, dict) or set(note) != {"rule", "count", "sourced_ids"}:
            faults.add(REPORT, 0, "notes", "report-form", "a note has other fields")
    return faults.total() == before


def _check_rows(rows, export, faults):
    for file in sorted(set(rows) | set(export.rows)):
        if file == "manifest.csv" and file not in rows:
            continue
        if rows.get(file, 0) != export.rows.get(file, 0) or (
                file not in rows and not export.delta):
            faults.add(REPORT, 0, "rows", "report-rows",
                       f"{file}: report {rows.get(file)}, files {export.rows.get(file)}")


def _check_note_form(notes, pull, delta, faults):
    names = [note["rule"] for note in notes]
    if len(set(names)) < len(names):
        faults.add(REPORT, 0, "notes", "report-form", "one rule stands twice")
    for note in notes:
        ids = note["sourced_ids"]
        if not RULE_NAME.match(note["rule"]):
            faults.add(REPORT, 0, "notes", "report-form", f"{shown(note['rule'])} is no rule name")
        if len(ids) > SHOWN_IDS or len(set(ids)) < len(ids) or note["count"] < len(ids):
            faults.add(REPORT, 0, "notes", "report-form", f"{note['rule']}: count or ids are wrong")
        for one in ids if not delta else ():
            if one not in pull.all_ids:
                faults.add(REPORT, 0, "notes", "report-ids",
                           f"{note['rule']}: {shown(one)} is no id of the pull")


def _check_notes(notes, found, rules, faults, out):
    table = {**EXPECTED_RULES, **rules}
    named = {name for names in table.values() for name in names}
    for difference in found:
        names = table[difference.name]
        if names == ("-",):
            continue
        mine = [note for note in notes if note["rule"] in names]
        count = sum(note["count"] for note in mine)
        ids = [one for note in mine for one in note["sourced_ids"]]
        if mine:
            if not difference.fits(count, ids):
                faults.add(REPORT, 0, "notes", "note-count", f"{mine[0]['rule']}: {count} noted, "
                           f"{difference.count} found, or other ids")
        elif not difference.optional:
            _look_for(difference, [note for note in notes if note["rule"] not in named],
                      difference.name in rules, faults, out)
    _check_left_out(notes, found, table, faults)


def _check_left_out(notes, found, table, faults):
    """Sections without both a primary teacher and pupils: one of the two notes counts them."""
    pair = [one for one in found if one.name.startswith("section-without")]
    names = {name for one in pair for name in table[one.name]}
    if (pair and "-" not in names and all(one.optional for one in pair) and pair[0].sets[0]
            and not any(note["rule"] in names for note in notes)):
        faults.add(REPORT, 0, "notes", "not-noted", "sections were left out, no note counts them")


def _look_for(difference, notes, strict, faults, out):
    """A note under a name that the table does not know, by count and ids."""
    for note in notes:
        if not strict and difference.fits(note["count"], note["sourced_ids"]):
            out.write(f"{difference.name}: noted as {note['rule']}\n")
            return
    joint = " (or in one note with the sections of the other rule)" \
        if difference.name.startswith("section-without") else ""
    faults.add(REPORT, 0, "notes", "not-noted",
               f"{difference.name}: {difference.count} found, no note counts them{joint}")

"""Rules of OneRoster CSV: the manifest, bulk and delta, status columns, primary teachers."""
from collections import defaultdict

from cells import STAMP
from faults import shown
from formats import FORMATS, MANIFEST, MANIFEST_FILE, MANIFEST_FIXED, MANIFEST_KINDS
from table import read_table

ROSTER = tuple(name[:-len(".csv")] for name in FORMATS["oneroster-csv"].files)
OPTIONAL_LAST = "source.systemCode"


def read_manifest(files, faults):
    """Mode (absent, bulk, delta) of each kind, and the manifest's number of rows."""
    if MANIFEST not in files:
        return {}, 0
    table = read_table(MANIFEST, files[MANIFEST], MANIFEST_FILE, faults)
    rows = [(line, *cells) for line, cells in table.rows]
    modes = {}
    wanted = ([name for name, _ in MANIFEST_FIXED] + [f"file.{kind}" for kind in MANIFEST_KINDS]
              + ["source.systemName"])
    names = [name for _, name, _ in rows]
    if names[len(wanted):] == [OPTIONAL_LAST]:
        wanted.append(OPTIONAL_LAST)
    if names != wanted:
        _order_fault(names, wanted, faults)
    fixed = dict(MANIFEST_FIXED)
    for line, name, value in rows:
        if name in fixed and value != fixed[name]:
            faults.add(MANIFEST, line, "value", "manifest",
                       f"{name} is {shown(value)}, must be {fixed[name]}")
        elif name.startswith("file."):
            if value not in ("absent", "bulk", "delta"):
                faults.add(MANIFEST, line, "value", "manifest",
                           f"{name} is {shown(value)}, must be absent, bulk or delta")
            modes[name[len("file."):]] = value
        elif name in ("source.systemName", OPTIONAL_LAST) and not value:
            faults.add(MANIFEST, line, "value", "manifest", f"{name} is empty")
    _check_modes(modes, faults)
    return modes, table.data_rows


def _order_fault(names, wanted, faults):
    missing = [name for name in wanted if name not in names]
    foreign = [name for name in names if name not in wanted]
    message = (f"lacks {', '.join(missing)}" if missing
               else f"holds {shown(', '.join(foreign))}" if foreign
               else "rows repeat or stand in another order")
    faults.add(MANIFEST, 0, "propertyName", "manifest", message)


def _check_modes(modes, faults):
    bulk = [kind for kind in ROSTER if modes.get(kind) == "bulk"]
    if bulk and len(bulk) < len(ROSTER):
        others = [kind for kind in ROSTER if kind not in bulk]
        faults.add(MANIFEST, 0, "value", "manifest-modes",
                   f"bulk for some kinds, but not for {', '.join(others)}")
    for kind in MANIFEST_KINDS:
        if kind not in ROSTER and modes.get(kind, "absent") != "absent":
            faults.add(MANIFEST, 0, "value", "manifest-modes", f"{kind} must be absent")


def expected_files(modes):
    """Names that the manifest announces; all of them when there is no manifest."""
    if not modes:
        return [MANIFEST, *(f"{kind}.csv" for kind in ROSTER)]
    return [MANIFEST, *(f"{kind}.csv" for kind in MANIFEST_KINDS
                        if modes.get(kind) in ("bulk", "delta"))]


def is_delta(modes):
    return bool(modes) and all(modes.get(kind) != "bulk" for kind in ROSTER)


def check_oneroster(tables, modes, faults):
    delta = is_delta(modes)
    for table in tables.values():
        if delta and not table.data_rows:
            faults.add(table.name, 0, "", "delta-empty", "a kind without changes must be absent")
        for line, status, stamp in table.values("status", "dateLastModified"):
            if not delta:
                for column, value in (("status", status), ("dateLastModified", stamp)):
                    if value:
                        faults.add(table.name, line, column, "bulk-blank", "must be blank in bulk")
                continue
            if status not in ("active", "tobedeleted"):
                faults.add(table.name, line, "status", "delta-filled",
                           f"{shown(status)} is not active or tobedeleted")
            if not STAMP.match(stamp):
                faults.add(table.name, line, "dateLastModified", "delta-filled",
                           f"{shown(stamp)} is not YYYY-MM-DDTHH:MM:SS.sssZ")
    _check_primary(tables.get("enrollments.csv"), faults)


def _check_primary(table, faults):
    if table is None:
        return
    first = defaultdict(list)
    for line, klas, role, primary, status in table.values(
            "classSourcedId", "role", "primary", "status"):
        if primary and role != "teacher":
            faults.add(table.name, line, "primary", "primary-teacher", "only a teacher has it")
        if primary == "true" and status != "tobedeleted":
            first[klas].append(line)
    for klas, lines in first.items():
        if len(lines) > 1:
            faults.add(table.name, lines[1], "primary", "primary-teacher",
                       f"{shown(klas)} has {len(lines)} primary teachers")

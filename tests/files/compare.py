"""Compares the rebuilt model of an export with a full pull."""
from checks import read_export
from expected import expect
from faults import shown
from notes import check_report, differences
from pull import Pull, Texts
from rebuild import rebuild


def compare_export(path, name, options, faults, out):
    """options: pull, notes, orgs (list), rules (dict), changed_after."""
    export = read_export(path, name, faults)
    pull, texts = Pull(options.pull), Texts()
    if options.orgs:
        pull.choose(options.orgs)
    wanted, optional, left_out = expect(name, pull, texts, export.delta)
    found = rebuild(name, export.tables)
    for kind, objects in wanted.items():
        if export.delta:
            _compare_delta(kind, objects, found[kind], options.changed_after, faults)
        else:
            _compare_kind(kind, objects, found[kind], optional.get(kind, ()), faults)
    notes = differences(name, pull, texts, left_out)
    if options.notes:
        check_report(options.notes, name, export, pull, options.orgs, notes, options.rules, faults,
                     out)
    counts = ", ".join(f"{len(found[kind])} {kind}" for kind in wanted)
    out.write(f"rebuilt {counts}\n")
    for difference in notes:
        if difference.count:
            out.write(f"documented difference {difference.name}: {difference.count}\n")


def _key(key):
    return shown(" ".join(key) if isinstance(key, tuple) else key)


def _compare_kind(kind, wanted, found, optional, faults):
    for key in sorted(wanted.keys() - found.keys()):
        if key not in optional:
            faults.add(kind, 0, "", "only-in-pull", _key(key))
    for key in sorted(found.keys() - wanted.keys()):
        faults.add(kind, 0, "", "only-in-files", _key(key))
    for key in sorted(wanted.keys() & found.keys()):
        _compare_object(kind, key, wanted[key], found[key], faults)


def _compare_object(kind, key, wanted, found, faults):
    for attribute, value in wanted.items():
        got = found.get(attribute)
        if got not in value if isinstance(value, frozenset) else got != value:
            accepted = " or ".join(sorted(map(shown, value))) \
                if isinstance(value, frozenset) else shown(value)
            faults.add(kind, 0, attribute, "differs",
                       f"{_key(key)}: files {shown(got)}, pull {accepted}")


def _compare_delta(kind, wanted, found, changed_after, faults):
    """Rows of a delta: active ones equal the pull, deleted ones are not active in it."""
    for key, row in sorted(found.items()):
        if row["status"] == "tobedeleted":
            if key in wanted:
                faults.add(kind, 0, "status", "differs", f"{_key(key)} is active in the pull")
        elif key not in wanted:
            faults.add(kind, 0, "", "only-in-files", _key(key))
        else:
            _compare_object(kind, key, wanted[key], row, faults)
    for key, item in sorted(wanted.items()) if changed_after else ():
        if item["dateLastModified"] > changed_after and key not in found:
            faults.add(kind, 0, "", "only-in-pull", f"{_key(key)} changed after {changed_after}")

"""Rules for one cell, by the kind of its column."""
import datetime
import re

from faults import shown
from formats import LISTS
from table import WHITE

SECTION_ID = re.compile(r"[A-Za-z0-9-]+\Z")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
CLEVER_DATE = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}\Z")
YEAR = re.compile(r"[0-9]{4}\Z")
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z")
ENTRA_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


def read_date(value, form):
    """The day, or None if the value is not a day in this form (iso or clever)."""
    pattern, layout = {"iso": (ISO_DATE, "%Y-%m-%d"), "clever": (CLEVER_DATE, "%m/%d/%Y")}[form]
    if not pattern.match(value):
        return None
    try:
        return datetime.datetime.strptime(value, layout).date()
    except ValueError:
        return None


def _password_fault(value):
    if not 8 <= len(value) <= 256:
        return "has not 8 to 256 characters"
    if not all(" " <= character <= "~" for character in value):
        return "holds a character that Entra refuses"
    if sum(bool(re.search(part, value)) for part in ENTRA_CLASSES) < 3:
        return "has fewer than three kinds of characters"
    return None


def _words_check(rule, words):
    allowed = LISTS[words]
    return lambda value: None if value in allowed else (rule, f"{shown(value)} is not in the list")


def checker(kind, dates, passwords):
    """A function from a filled value to None or (rule, message)."""
    name, _, argument = kind.partition(" ")
    name = name.rstrip("!")
    if name == "section-id":
        return lambda value: None if SECTION_ID.match(value) else (
            "section-id", f"{shown(value)} may hold letters, digits and hyphens only")
    if name == "username":
        return lambda value: ("username-blank", f"{shown(value)} holds white space") if any(
            character in WHITE or character.isspace() for character in value) else None
    if name == "date":
        return lambda value: None if read_date(value, dates) else (
            "date-form", f"{shown(value)} is no date in the format's form")
    if name == "year":
        return lambda value: None if YEAR.match(value) else ("year", f"{shown(value)} is no year")
    if name == "boolean":
        return lambda value: None if value in ("true", "false") else (
            "boolean", f"{shown(value)} is not true or false")
    if name == "is":
        return lambda value: None if value == argument else (
            "fixed-value", f"{shown(value)} must be {argument}")
    if name == "one-of":
        return _words_check("fixed-value", argument)
    if name == "role":
        return _words_check("role", argument)
    if name == "password":
        if not passwords:
            return lambda value: ("must-be-empty", "a password where none is expected")
        return lambda value: (lambda fault: fault and ("password", f"the password {fault}"))(
            _password_fault(value))
    return lambda value: None


def required(kind):
    name = kind.partition(" ")[0]
    return name.endswith("!") or name in ("id", "section-id", "username", "is")


def check_cells(table, format_, passwords, faults):
    """Every cell of a table; the status columns and references have rules of their own."""
    status = table.index.get("status") if table.file.kinds.get("status") == "status" else None
    for column in table.file.columns:
        at, label = table.index[column], table.label(column)
        kind = table.file.kinds.get(column)
        check = checker(kind, format_.dates, passwords) if kind else None
        must = kind is not None and required(kind)
        for line, cells in table.rows:
            value = cells[at]
            if kind is None:
                if value:
                    faults.add(table.name, line, label, "must-be-empty",
                               "filled, but the column must be empty")
            elif value:
                fault = check(value)
                if fault:
                    faults.add(table.name, line, label, *fault)
            elif must and (column == "sourcedId" or status is None
                           or cells[status] != "tobedeleted"):
                faults.add(table.name, line, label, "required", "must be filled")

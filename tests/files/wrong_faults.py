"""Faults that are put into a right export of any format.

A fault is (name, rule, change); `change(copy)` makes the copy wrong and returns the file at
which the fault must be reported, or None where any file will do.
"""
import os
import re
import zipfile
from typing import NamedTuple


class Places(NamedTuple):
    """Where the common faults go in one format."""
    people: str
    person: str
    username: str
    given: str
    sections: str
    section: str
    title: str
    school: str            # column of the section that names the school
    roster: str
    roster_section: str
    roster_person: str
    dated: str
    date: str
    empty: tuple           # (file, column, value) that must stay empty
    foreign: str           # a file of the vendor's that the format must not have


_V1 = Places("Student.csv", "SIS ID", "Username", "First Name", "Section.csv", "SIS ID",
             "Section Name", "School SIS ID", "StudentEnrollment.csv", "Section SIS ID", "SIS ID",
             "Section.csv", "Term StartDate",
             (("Student.csv", "Birthdate", "2012-03-04"),
              ("Student.csv", "Secondary Email", "a@school.example"),
              ("Student.csv", "Password", "Welkom-2024"), ("Teacher.csv", "Title", "mevrouw")),
             "User.csv")
PLACES = {
    "sds-v1": _V1, "sds-v1-uk": _V1,
    "sds-v2.1": Places("users.csv", "sourcedId", "username", "givenName", "classes.csv",
                       "sourcedId", "title", "orgSourcedId", "enrollments.csv", "classSourcedId",
                       "userSourcedId", "academicSessions.csv", "startDate",
                       (("users.csv", "email", "a@school.example"), ("roles.csv", "grade", "10"),
                        ("users.csv", "password", "Welkom-2024"),
                        ("roles.csv", "roleStartDate", "2024-09-01")), "demographics.csv"),
    "oneroster-csv": Places("users.csv", "sourcedId", "username", "givenName", "classes.csv",
                            "sourcedId", "title", "schoolSourcedId", "enrollments.csv",
                            "classSourcedId", "userSourcedId", "academicSessions.csv", "startDate",
                            (("users.csv", "email", "a@school.example"),
                             ("users.csv", "grades", "10"), ("users.csv", "phone", "+3212345678"),
                             ("users.csv", "password", "Welkom-2024")), "demographics.csv"),
    "clever": Places("students.csv", "Student_id", "Username", "First_name", "sections.csv",
                     "Section_id", "Name", "School_id", "enrollments.csv", "Section_id",
                     "Student_id", "sections.csv", "Term_start",
                     (("students.csv", "DOB", "03/04/2012"),
                      ("students.csv", "Student_email", "a@school.example"),
                      ("sections.csv", "Course_name", "wiskunde"),
                      ("teachers.csv", "Teacher_email", "a@school.example")), "admins.csv"),
}


def common_faults(places):
    return [*_container(places), *_bytes(places), *_cells(places), *_sets(places)]


def on(file, action):
    """A change that is reported at one file."""
    def change(copy):
        action(copy)
        return file
    return change


def cell(name, rule, file, column, value):
    return name, rule, on(file, lambda copy: copy.cell(file, column, value))


def filled(file, column, value):
    """Changes the first row whose cell is filled."""
    def action(copy):
        copy.cell(file, column, value, copy.first_row(file, column, bool))
    return action


def _into_zip(entry, time):
    """Turns the copy into a zip; `entry` and `time` give the name and time of the first file."""
    def change(copy):
        path = copy.folder + ".zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number, file in enumerate(copy.files()):
                name, stamp = (entry(file), time) if number == 0 else (file, (1980, 1, 1, 0, 0, 0))
                archive.writestr(zipfile.ZipInfo(name, stamp), copy.read(file))
        copy.clear()
        copy.folder = path
    return change


def _container(p):
    lower = p.sections.swapcase() if p.sections.islower() else p.sections.lower()
    return [
        ("a missing file", "missing-file", on(p.roster, lambda c: c.remove(p.roster))),
        ("an extra file", "extra-file", on("notes.txt", lambda c: c.write("notes.txt", b"x"))),
        ("a hidden file", "extra-file", on(".DS_Store", lambda c: c.write(".DS_Store", b""))),
        ("a file the format must not have", "extra-file",
         on(p.foreign, lambda c: c.write(p.foreign, b"sourcedId\r\n"))),
        ("a file name in another case", "missing-file",
         on(p.sections, lambda c: c.rename(p.sections, lower))),
        ("a file that others may read", "file-mode",
         on(p.people, lambda c: os.chmod(c.path(p.people), 0o644))),
        ("a folder that others may read", "file-mode",
         on(".", lambda c: os.chmod(c.folder, 0o755))),
        ("a zip with a folder inside", "zip-root",
         _into_zip(lambda file: "out/" + file, (1980, 1, 1, 0, 0, 0))),
        ("a zip with the clock in it", "zip-times",
         _into_zip(lambda file: file, (2024, 9, 2, 6, 0, 0))),
    ]


def _header_case(p):
    def change(copy):
        data = copy.read(p.sections)
        copy.write(p.sections, data[:1].swapcase() + data[1:])
        return p.sections
    return change


def _header_order(p):
    def change(copy):
        head, _, rest = copy.read(p.roster).partition(b"\r\n")
        columns = head.split(b",")
        columns[0], columns[1] = columns[1], columns[0]
        copy.write(p.roster, b",".join(columns) + b"\r\n" + rest)
        return p.roster
    return change


def _first_line(file, change_line):
    """Changes the bytes of the first data row."""
    def change(copy):
        copy.rows(file)
        lines = copy.read(file).split(b"\r\n")
        lines[1] = change_line(lines[1])
        copy.write(file, b"\r\n".join(lines))
        return file
    return change


def _title_bytes(p, wanted):
    """Marks the first title, then replaces the mark in the bytes."""
    def change(copy):
        copy.cell(p.sections, p.title, "TITLE-MARK")
        copy.replace(p.sections, b"TITLE-MARK", wanted)
        return p.sections
    return change


def _bytes(p):
    def whole(make):
        return on(p.people, lambda c: c.write(p.people, make(c.read(p.people))))

    return [
        ("a header in another case", "header", _header_case(p)),
        ("header columns in another order", "header", _header_order(p)),
        ("a file without its header", "header", on(p.roster, lambda c: c.write(p.roster, b""))),
        ("a header with a blank at its end", "header",
         on(p.roster, lambda c: c.replace(p.roster, b"\r\n", b" \r\n"))),
        ("a byte order mark", "bom", whole(lambda data: b"\xef\xbb\xbf" + data)),
        ("LF line ends", "line-end", whole(lambda data: data.replace(b"\r\n", b"\n"))),
        ("a last line without an end", "line-end", whole(lambda data: data[:-2])),
        ("an empty line at the end", "cell-count", whole(lambda data: data + b"\r\n")),
        ("a Latin-1 byte", "utf-8", _title_bytes(p, b"Klas \xe9\xe9n")),
        ("UTF-16", "utf-8", whole(lambda data: data.decode("utf-8").encode("utf-16"))),
        ("a comma without quotes", "cell-count", _title_bytes(p, b"1A, latijn")),
        ("a semicolon between cells", "cell-count",
         _first_line(p.roster, lambda line: line.replace(b",", b";"))),
        ("a bare quote in a cell", "quoting", _title_bytes(p, b'1A "latijn"')),
        ("quotes that are not needed", "quoting", _title_bytes(p, b'"1A"')),
        ("a line break in a value", "line-break", _title_bytes(p, b'"1A\r\nlatijn"')),
        ("a tab in a value", "control-character", _title_bytes(p, b"1A\tlatijn")),
        ("a NUL in a value", "control-character", _title_bytes(p, b"1A\x00latijn")),
        ("U+2028 in a value", "control-character", _title_bytes(p, b"1A\xe2\x80\xa8latijn")),
        ("U+FEFF in a value", "control-character", _title_bytes(p, b"1A\xef\xbb\xbflatijn")),
        ("a blank at the end of a value", "trimmed", _title_bytes(p, b"1A ")),
        ("a no-break space before a value", "trimmed", _title_bytes(p, b"\xc2\xa01A")),
    ]


def _other_form(value):
    """The same day in another form."""
    iso = re.match(r"(\d{4})-(\d\d)-(\d\d)$", value)
    if iso:
        return f"{iso[3]}/{iso[2]}/{iso[1]}"
    month, day, year = value.split("/")
    return f"{year}-{month}-{day}"


def _short_date(value):
    """The same day without leading zeros."""
    return re.sub(r"\b0(\d)\b", r"\1", value)


def _renamed_section(p, make):
    def change(copy):
        old = copy.rows(p.sections)[0][copy.at(p.sections, p.section)]
        # Files keep their order: the changed id still sorts after what came before it.
        copy.rename_id(old, make(old))
        return p.sections
    return change


def _cells(p):
    return [
        cell("a blank in a username", "username-blank", p.people, p.username, "an claes"),
        cell("a no-break space in a username", "username-blank", p.people, p.username,
              "an\u00a0claes"),
        cell("an empty username", "required", p.people, p.username, ""),
        cell("an empty given name", "required", p.people, p.given, ""),
        cell("an empty title", "required", p.sections, p.title, ""),
        cell("an empty id", "required", p.people, p.person, ""),
        ("a section id with an underscore", "section-id",
         _renamed_section(p, lambda old: old + "_1")),
        ("a section id with a space", "section-id", _renamed_section(p, lambda old: old + " 1")),
        ("a section id with a letter beyond ASCII", "section-id",
         _renamed_section(p, lambda old: old + "é")),
        ("a date in another form", "date-form",
         on(p.dated, filled(p.dated, p.date, _other_form))),
        ("a date without leading zeros", "date-form",
         on(p.dated, filled(p.dated, p.date, _short_date))),
        *(cell(f"{column} filled", "must-be-empty", file, column, value)
          for file, column, value in p.empty),
    ]


def _twice(file):
    def action(copy):
        rows = copy.rows(file)
        copy.put(file, [rows[0], *rows])
    return on(file, action)


def _swapped(file):
    def action(copy):
        rows = copy.rows(file, 2)
        copy.put(file, [rows[1], rows[0], *rows[2:]])
    return on(file, action)


def _same_username(p, change):
    def action(copy):
        name = copy.rows(p.people, 2)[0][copy.at(p.people, p.username)]
        copy.cell(p.people, p.username, change(name), 1)
    return on(p.people, action)


def _sets(p):
    return [
        cell("a dangling section", "reference", p.roster, p.roster_section, "no-such-section"),
        cell("a dangling person", "reference", p.roster, p.roster_person, "no-such-person"),
        cell("a dangling school", "reference", p.sections, p.school, "999999-1"),
        cell("a reference in another case", "reference", p.roster, p.roster_section,
              lambda old: old.swapcase()),
        ("a person twice", "unique-id", _twice(p.people)),
        ("a section twice", "unique-id", _twice(p.sections)),
        ("a membership twice", "unique-id", _twice(p.roster)),
        ("unsorted people", "sorted", _swapped(p.people)),
        ("unsorted memberships", "sorted", _swapped(p.roster)),
        ("one username for two people", "unique-username", _same_username(p, str)),
        ("one username in two cases", "unique-username", _same_username(p, str.swapcase)),
    ]

"""Rules of one format: people in two files, terms, primary roles, Clever's sections."""
from collections import Counter

from faults import shown
from formats import CLEVER_TEACHERS

V1_SHARED = ("School SIS ID", "First Name", "Last Name", "Username", "Password")
CLEVER_SHARED = ("School_id", "First_name", "Last_name", "Username")
V1_TERM = ("Term SIS ID", "Term Name", "Term StartDate", "Term EndDate")
CLEVER_TERM = ("Term_name", "Term_start", "Term_end")


def check_special(name, tables, faults):
    if name in ("sds-v1", "sds-v1-uk"):
        _check_shared(tables, "Student.csv", "Teacher.csv", "SIS ID", V1_SHARED, faults)
        _check_term(tables.get("Section.csv"), V1_TERM, faults)
        _check_course(tables.get("Section.csv"), faults)
    elif name == "sds-v2.1":
        _check_primary_role(tables, faults)
        _check_v21_person(tables, faults)
    elif name == "clever":
        _check_shared(tables, "students.csv", "teachers.csv", None, CLEVER_SHARED, faults)
        _check_term(tables.get("sections.csv"), CLEVER_TERM, faults)
        _check_section_teachers(tables.get("sections.csv"), faults)
        _check_section_pupils(tables, faults)


def _check_shared(tables, first, second, id_column, columns, faults):
    """Who stands in both files of people is the same person in both."""
    if first not in tables or second not in tables:
        return
    ids = [id_column or tables[name].file.key[0] for name in (first, second)]
    known = {person: rest for _, person, *rest in tables[first].values(ids[0], *columns)}
    for line, person, *rest in tables[second].values(ids[1], *columns):
        if person in known and known[person] != rest:
            column = next(c for c, a, b in zip(columns, known[person], rest) if a != b)
            faults.add(second, line, tables[second].label(column), "person-differs",
                       f"{shown(person)} stands otherwise in {first}")


def _check_term(table, columns, faults):
    if table is None:
        return
    for line, *values in table.values(*columns):
        if any(values) and not all(values):
            column = columns[values.index("")]
            faults.add(table.name, line, table.label(column), "term",
                       "the columns of the term are all filled or all empty")


def _check_course(table, faults):
    if table is None:
        return
    for line, course, name, number in table.values("Course SIS ID", "Course Name", "Course Number"):
        if (name or number) and not course or course and not name:
            faults.add(table.name, line, "Course SIS ID", "course",
                       "the course needs both its id and its name")


def _check_primary_role(tables, faults):
    roles, users = tables.get("roles.csv"), tables.get("users.csv")
    if roles is None or users is None:
        return
    primary = Counter(user for _, user, flag in roles.values("userSourcedId", "isPrimary")
                      if flag == "TRUE")
    for line, user in users.values("sourcedId"):
        if primary[user] != 1:
            faults.add("roles.csv", 0, "isPrimary", "primary-role",
                       f"{shown(user)} (users.csv:{line}) has {primary[user]} primary roles")


def _check_v21_person(tables, faults):
    """A OneRoster 1.1 user has one role, so all his rows carry the same."""
    roles = tables.get("roles.csv")
    if roles is None:
        return
    known = {}
    for line, user, role in roles.values("userSourcedId", "role"):
        if known.setdefault(user, role) != role:
            faults.add("roles.csv", line, "role", "one-role", f"{shown(user)} has several roles")


def _check_section_teachers(table, faults):
    if table is None:
        return
    for line, *teachers in table.values(*CLEVER_TEACHERS):
        filled = [teacher for teacher in teachers if teacher]
        if not teachers[0]:
            faults.add(table.name, line, "Teacher_id", "primary-teacher",
                       "a section needs a primary teacher")
        if teachers[:len(filled)] != filled:
            faults.add(table.name, line, CLEVER_TEACHERS[teachers.index("")], "teacher-columns",
                       "empty, but a later teacher column is filled")
        if len(set(filled)) < len(filled):
            faults.add(table.name, line, "Teacher_id", "teacher-columns",
                       "one teacher stands twice")


def _check_section_pupils(tables, faults):
    sections, enrollments = tables.get("sections.csv"), tables.get("enrollments.csv")
    if sections is None or enrollments is None:
        return
    school = {section: org for _, section, org in sections.values("Section_id", "School_id")}
    filled = set()
    for line, section, org in enrollments.values("Section_id", "School_id"):
        filled.add(section)
        if section in school and school[section] != org:
            faults.add("enrollments.csv", line, "School_id", "section-school",
                       f"{shown(section)} is a section of {shown(school[section])}")
    for line, section in sections.values("Section_id"):
        if section not in filled:
            faults.add("sections.csv", line, "Section_id", "section-pupils",
                       f"{shown(section)} has no pupils")

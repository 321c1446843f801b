"""From the rows of an export to schools, people, classes, memberships, sessions and courses.

A model is {kind: {key: {attribute: value}}}; memberships are keyed by (class, person, role),
or by the enrollment's id in OneRoster CSV.
"""
from formats import CLEVER_TEACHERS


def rebuild(name, tables):
    build = {"sds-v1": _v1, "sds-v1-uk": _v1, "sds-v2.1": _v21, "oneroster-csv": _oneroster,
             "clever": _clever}[name]
    return build({key: list(table.dicts()) for key, table in tables.items()})


def _listed(value):
    return tuple(value.split(",")) if value else ()


def _people(rows, into, file, id_column, attributes):
    """Adds people of one file; `files` says in which files a person stands."""
    for row in rows:
        person = into.setdefault(row[id_column], {"files": ()})
        person["files"] += (file,)
        for attribute, column in attributes.items():
            person[attribute] = row[column]


def _v1(rows):
    people = {}
    columns = {"school": "School SIS ID", "given": "First Name", "family": "Last Name",
               "username": "Username"}
    _people(rows.get("Student.csv", ()), people, "students", "SIS ID", columns)
    _people(rows.get("Teacher.csv", ()), people, "teachers", "SIS ID", columns)
    memberships = {}
    for file, role in (("StudentEnrollment.csv", "student"), ("TeacherRoster.csv", "teacher")):
        for row in rows.get(file, ()):
            memberships[row["Section SIS ID"], row["SIS ID"], role] = {}
    return {
        "schools": {row["SIS ID"]: {"name": row["Name"], "number": row["School Number"]}
                    for row in rows.get("School.csv", ())},
        "people": people,
        "classes": {row["SIS ID"]: {
            "school": row["School SIS ID"], "title": row["Section Name"],
            "code": row["Section Number"],
            "term": (row["Term SIS ID"], row["Term StartDate"], row["Term EndDate"]),
            "term title": row["Term Name"], "course": row["Course SIS ID"],
            "course title": row["Course Name"], "course code": row["Course Number"],
        } for row in rows.get("Section.csv", ())},
        "memberships": memberships,
    }


def _v21(rows):
    people = {row["sourcedId"]: {"username": row["username"], "given": row["givenName"],
                                 "family": row["familyName"], "roles": ()}
              for row in rows.get("users.csv", ())}
    for row in rows.get("roles.csv", ()):
        if row["userSourcedId"] in people:
            people[row["userSourcedId"]]["roles"] += (
                (row["orgSourcedId"], row["role"], row["isPrimary"]),)
    for person in people.values():
        person["roles"] = tuple(sorted(person["roles"]))
    return {
        "schools": {row["sourcedId"]: {"name": row["name"], "type": row["type"]}
                    for row in rows.get("orgs.csv", ())},
        "people": people,
        "classes": {row["sourcedId"]: {
            "school": row["orgSourcedId"], "title": row["title"],
            "terms": _listed(row["sessionSourcedIds"]), "course": row["courseSourcedId"],
        } for row in rows.get("classes.csv", ())},
        "memberships": {(row["classSourcedId"], row["userSourcedId"], row["role"]): {}
                        for row in rows.get("enrollments.csv", ())},
        "sessions": {row["sourcedId"]: {
            "title": row["title"], "type": row["type"], "year": row["schoolYear"],
            "dates": (row["startDate"], row["endDate"]),
        } for row in rows.get("academicSessions.csv", ())},
        "courses": {row["sourcedId"]: {
            "school": row["orgSourcedId"], "title": row["title"], "code": row["code"],
            "year": row["schoolYearSourcedId"],
        } for row in rows.get("courses.csv", ())},
    }


ONEROSTER_KINDS = {"schools": "orgs.csv", "people": "users.csv", "classes": "classes.csv",
                   "memberships": "enrollments.csv", "sessions": "academicSessions.csv",
                   "courses": "courses.csv"}


def _oneroster(rows):
    """Every column as it stands; in a delta the status and date of a row stay with it."""
    model = {}
    for kind, file in ONEROSTER_KINDS.items():
        model[kind] = {}
        for row in rows.get(file, ()):
            row = dict(row)
            model[kind][row.pop("sourcedId")] = row
    return model


def _clever(rows):
    """Teachers stand in columns of the section, so they are an attribute of the class here."""
    people = {}
    columns = {"school": "School_id", "given": "First_name", "family": "Last_name",
               "username": "Username"}
    _people(rows.get("students.csv", ()), people, "students", "Student_id", columns)
    _people(rows.get("teachers.csv", ()), people, "teachers", "Teacher_id", columns)
    classes, memberships = {}, {}
    for row in rows.get("sections.csv", ()):
        teachers = tuple(row[column] for column in CLEVER_TEACHERS if row[column])
        classes[row["Section_id"]] = {
            "school": row["School_id"], "title": row["Name"], "code": row["Section_number"],
            "term": (row["Term_start"], row["Term_end"]), "term title": row["Term_name"],
            "teachers": teachers,
        }
    for row in rows.get("enrollments.csv", ()):
        memberships[row["Section_id"], row["Student_id"], "student"] = {}
    return {
        "schools": {row["School_id"]: {"name": row["School_name"]}
                    for row in rows.get("schools.csv", ())},
        "people": people, "classes": classes, "memberships": memberships,
    }

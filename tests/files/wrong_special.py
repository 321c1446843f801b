"""Faults that are put into a right export of one format only."""
from formats import MANIFEST
from wrong_faults import PLACES, cell, common_faults, filled, on


def faults_of(name):
    """Every fault for a format: (name, rule, change)."""
    special = {"sds-v1": _v1, "sds-v1-uk": _uk, "sds-v2.1": _v21, "oneroster-csv": _oneroster,
               "clever": _clever}[name]
    return [*common_faults(PLACES[name]), *special()]


def _shared_person(first, second, key, column):
    """Another name in one of the two files in which a person stands."""
    def change(copy):
        at = copy.at(first, key[0])
        known = {cells[at] for cells in copy.rows(first)}
        row = copy.first_row(second, key[1], lambda value: value in known)
        copy.cell(second, column, "Iemand", row)
        return second
    return change


def _v1():
    return [
        cell("a status that is not Active", "fixed-value", "Section.csv", "Status", "Inactive"),
        cell("a status in another case", "fixed-value", "Student.csv", "Status", "active"),
        cell("a teacher without a status", "required", "Teacher.csv", "Status", ""),
        ("a teacher who stands otherwise among the pupils", "person-differs",
         _shared_person("Student.csv", "Teacher.csv", ("SIS ID", "SIS ID"), "First Name")),
        ("a term that ends before it starts", "period",
         on("Section.csv", filled("Section.csv", "Term EndDate", "1999-06-30"))),
        ("a term without its name", "term",
         on("Section.csv", filled("Section.csv", "Term Name", ""))),
        ("a dangling teacher", "reference", on(
            "TeacherRoster.csv", lambda c: c.cell("TeacherRoster.csv", "SIS ID", "no-such"))),
    ]


def _uk():
    def other_header(copy):
        copy.replace("Student.csv", b"School DfE Number", b"School SIS ID")
    return [*_v1(), ("a header of the other variant", "header", on("Student.csv", other_header))]


def _v21():
    def primary(value):
        def action(copy):
            row = copy.first_row("roles.csv", "isPrimary", lambda flag: flag != value)
            copy.cell("roles.csv", "isPrimary", value, row)
        return on("roles.csv", action)

    def no_roles(copy):
        rows = copy.rows("roles.csv")
        copy.put("roles.csv", [cells for cells in rows if cells[0] != rows[0][0]])

    return [
        ("no primary role", "primary-role", primary("FALSE")),
        ("two primary roles", "primary-role", primary("TRUE")),
        ("a user without roles", "primary-role", on("roles.csv", no_roles)),
        cell("a flag in another case", "fixed-value", "roles.csv", "isPrimary", "true"),
        cell("a role that is not in the list", "role", "roles.csv", "role", "leerling"),
        cell("a role in another case", "role", "enrollments.csv", "role", "Student"),
        cell("an org type that is not in the list", "fixed-value", "orgs.csv", "type", "School"),
        cell("a year of two digits", "year", "academicSessions.csv", "schoolYear", "25"),
        cell("a dangling session", "reference", "classes.csv", "sessionSourcedIds", "1999-00"),
        cell("a list with a blank", "reference", "classes.csv", "sessionSourcedIds",
              lambda old: f"{old}, {old}"),
        cell("a dangling course", "reference", "classes.csv", "courseSourcedId", "no-such"),
    ]


def _manifest(old, new):
    return on(MANIFEST, lambda copy: copy.replace(MANIFEST, old, new))


def _oneroster():
    def two_primaries(copy):
        row = copy.first_row("enrollments.csv", "role", lambda role: role == "student")
        copy.cell("enrollments.csv", "primary", "true", row)

    def announced(copy):
        copy.replace(MANIFEST, b"file.orgs,bulk", b"file.orgs,absent")
        return "orgs.csv"

    def not_there(copy):
        copy.replace(MANIFEST, b"file.demographics,absent", b"file.demographics,bulk")
        return "demographics.csv"

    return [
        ("a wrong manifest version", "manifest",
         _manifest(b"manifest.version,1.0", b"manifest.version,1.1")),
        ("a wrong standard version", "manifest",
         _manifest(b"oneroster.version,1.1", b"oneroster.version,1.2")),
        ("a manifest without a kind", "manifest", _manifest(b"file.results,absent\r\n", b"")),
        ("a manifest kind in another case", "manifest",
         _manifest(b"file.lineItems", b"file.lineitems")),
        ("a manifest mode that does not exist", "manifest",
         _manifest(b"file.orgs,bulk", b"file.orgs,full")),
        ("a manifest without the source's name", "manifest",
         _manifest(b"source.systemName,", b"source.name,")),
        ("a manifest header in another case", "header",
         _manifest(b"propertyName,value", b"propertyname,value")),
        ("no manifest", "missing-file", on(MANIFEST, lambda copy: copy.remove(MANIFEST))),
        ("a file that the manifest calls absent", "extra-file", announced),
        ("a file that the manifest calls bulk and is not there", "missing-file", not_there),
        ("bulk and delta in one set", "manifest-modes",
         _manifest(b"file.orgs,bulk", b"file.orgs,delta")),
        cell("a status in bulk", "bulk-blank", "users.csv", "status", "active"),
        cell("a date in bulk", "bulk-blank", "users.csv", "dateLastModified",
              "2024-09-02T06:00:00.000Z"),
        cell("a role that is not in the list", "role", "users.csv", "role", "pupil"),
        cell("a boolean in another form", "boolean", "users.csv", "enabledUser", "True"),
        cell("a class type that is not in the list", "fixed-value", "classes.csv", "classType",
              "class"),
        cell("a dangling term", "reference", "classes.csv", "termSourcedIds", "1999-00"),
        cell("a user without orgs", "required", "users.csv", "orgSourcedIds", ""),
        ("a primary pupil", "primary-teacher", on("enrollments.csv", two_primaries)),
    ]


def _clever():
    def gap(copy):
        """The second teacher's column is emptied, the third holds somebody else."""
        rows = copy.rows("sections.csv")
        first, second, third = (copy.at("sections.csv", column) for column in
                                ("Teacher_id", "Teacher_2_id", "Teacher_3_id"))
        at = copy.at("teachers.csv", "Teacher_id")
        others = [row[at] for row in copy.rows("teachers.csv", 2) if row[at] != rows[0][first]]
        rows[0][second], rows[0][third] = "", others[0]
        copy.put("sections.csv", rows)

    def no_pupils(copy):
        rows = copy.rows("enrollments.csv")
        at = copy.at("enrollments.csv", "Section_id")
        copy.put("enrollments.csv", [cells for cells in rows if cells[at] != rows[0][at]])

    def other_school(copy):
        schools = [cells[0] for cells in copy.rows("schools.csv", 2)]
        copy.cell("enrollments.csv", "School_id",
                  lambda old: next(school for school in schools if school != old))

    return [
        cell("a section without a primary teacher", "primary-teacher", "sections.csv",
              "Teacher_id", ""),
        ("a gap between teachers", "teacher-columns", on("sections.csv", gap)),
        ("a teacher twice in a section", "teacher-columns", on("sections.csv", lambda c: c.cell(
            "sections.csv", "Teacher_2_id",
            c.rows("sections.csv")[0][c.at("sections.csv", "Teacher_id")]))),
        cell("a dangling co-teacher", "reference", "sections.csv", "Teacher_2_id", "no-such"),
        ("a section without pupils", "section-pupils", on("sections.csv", no_pupils)),
        ("an enrollment in another school", "section-school",
         on("enrollments.csv", other_school)),
        ("a term without its name", "term",
         on("sections.csv", filled("sections.csv", "Term_name", ""))),
        ("a teacher who stands otherwise among the pupils", "person-differs",
         _shared_person("students.csv", "teachers.csv", ("Student_id", "Teacher_id"),
                        "First_name")),
    ]

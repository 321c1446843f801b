"""The five formats: exact header rows, key columns, and what each column may hold.

A column that is not named in `kinds` must be empty in every row. Kinds:

    id           filled, part of the key         section-id   filled, only A-Z a-z 0-9 and hyphen
    text, text!  any text; `!` = must be filled  username     filled, no white space, unique
    ref F, ref! F, refs F, refs! F               an id (or a list of ids) of file F
    date, date!  year!, boolean, boolean!        in the form of the format
    is V         exactly V                       one-of L, one-of! L, role! L   a value of list L
    password     empty unless passwords are expected
    status, stamp  OneRoster status and dateLastModified, by the mode of the file
"""
from typing import NamedTuple


class File(NamedTuple):
    header: str            # the header row without its line end
    key: tuple             # columns that identify a row; rows are sorted by them
    kinds: dict            # column -> kind
    names: tuple = ()      # names of the columns used by this tool, in header order
    sorts: tuple = ()      # other accepted sort orders
    lists: tuple = ()      # list columns: one element may be quoted too

    @property
    def columns(self):
        return self.names or tuple(self.header.split(","))


class Format(NamedTuple):
    files: dict
    people: tuple          # (file, id column, username column)
    dates: str             # iso or clever
    row_limit: bool = False
    passwords: bool = False


LISTS = {
    "org-v2.1": ("school department district local state national departmentOfEducation "
                 "ministryOfEducation university college campus adultEducation municipality "
                 "academicTrust localAuthority region division province researchCenter program"),
    "org-oneroster": "department school district local state national",
    "session-v2.1": "schoolYear semester term gradingPeriod quarter",
    "session-oneroster": "gradingPeriod semester schoolYear term",
    "class-oneroster": "homeroom scheduled",
    "role-v2.1": ("student principal chair professor researcher adjunct affiliate "
                  "occupationalTherapist physicalTherapist speechTherapist visionTherapist "
                  "paraprofessional specialServices advisor proctor nurse officeStaff lecturer "
                  "itAdmin administrator teacher faculty staff teacherAssistant assistant "
                  "instructor substitute coach alumni other"),
    "enrollment-v2.1": ("student visionTherapist substitute aid paraprofessional principal "
                        "proctor teacherAssistant specialServices teacher professor advisor "
                        "administrator lecturer coach occupationalTherapist affiliate assistant "
                        "physicalTherapist adjunct staff speechTherapist instructor alumni chair "
                        "itAdmin officeStaff"),
    "role-oneroster": "administrator aide guardian parent proctor relative student teacher",
    "true-false": "TRUE FALSE",
}
LISTS = {name: tuple(words.split()) for name, words in LISTS.items()}

_TERM = {"Term SIS ID": "text", "Term Name": "text", "Term StartDate": "date",
         "Term EndDate": "date"}
_V1_PERSON = {"SIS ID": "id", "School SIS ID": "ref! School.csv", "First Name": "text!",
              "Last Name": "text!", "Username": "username", "Password": "password",
              "Status": "is Active"}

_V1_FILES = {
    "School.csv": File(
        "SIS ID,Name,School Number,School NCES_ID,State ID,Grade Low,Grade High,Principal SIS ID,"
        "Principal Name,Principal Secondary Email,Address,City,State,Country,Zip,Phone,Zone",
        ("SIS ID",), {"SIS ID": "id", "Name": "text!", "School Number": "text"}),
    "Section.csv": File(
        "SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,"
        "Term EndDate,Course SIS ID,Course Name,Course Number,Course Description,Course Subject,"
        "Periods,Status",
        ("SIS ID",),
        {"SIS ID": "section-id", "School SIS ID": "ref! School.csv", "Section Name": "text!",
         "Section Number": "text", **_TERM, "Course SIS ID": "text", "Course Name": "text",
         "Course Number": "text", "Status": "is Active"}),
    "Student.csv": File(
        "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Secondary Email,"
        "Student Number,Middle Name,Grade,Status,Birthdate,Graduation Year",
        ("SIS ID",), _V1_PERSON),
    "Teacher.csv": File(
        "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Teacher Number,"
        "Status,Middle Name,Secondary Email,Title,Qualification",
        ("SIS ID",), _V1_PERSON),
    "StudentEnrollment.csv": File(
        "Section SIS ID,SIS ID", ("Section SIS ID", "SIS ID"),
        {"Section SIS ID": "ref! Section.csv", "SIS ID": "ref! Student.csv"}),
    "TeacherRoster.csv": File(
        "Section SIS ID,SIS ID", ("Section SIS ID", "SIS ID"),
        {"Section SIS ID": "ref! Section.csv", "SIS ID": "ref! Teacher.csv"}),
}

_UK_HEADERS = {
    "School.csv":
        "DfE Number,Name,School Number,School NCES_ID,State ID,Grade Low,Grade High,"
        "Principal SIS ID,Principal Name,Principal Secondary Email,Address,City,State,Country,"
        "Postal Code,Phone,Zone",
    "Section.csv":
        "ID,School DfE Number,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,"
        "Term EndDate,Course SIS ID,Course Name,Course Number,Course Description,Course Subject,"
        "Periods,Status",
    "Student.csv":
        "ID,School DfE Number,First Name,Last Name,Username,Password,State ID,Secondary Email,"
        "Student Number,Middle Name,Grade,Status,Birthdate,Graduation Year",
    "Teacher.csv":
        "ID,School DfE Number,First Name,Last Name,Username,Password,State ID,Teacher Number,"
        "Status,Middle Name,Secondary Email,Title,Qualification",
    "StudentEnrollment.csv": "Section ID,ID",
    "TeacherRoster.csv": "Section ID,ID",
}
# The UK columns stand in the same places; rows are read under the names of V1.
_UK_FILES = {name: file._replace(header=_UK_HEADERS[name], names=tuple(file.header.split(",")))
             for name, file in _V1_FILES.items()}

_V21_FILES = {
    "orgs.csv": File("sourcedId,name,type,parentSourcedId", ("sourcedId",),
                     {"sourcedId": "id", "name": "text!", "type": "one-of! org-v2.1"}),
    "users.csv": File(
        "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms",
        ("sourcedId",), {"sourcedId": "id", "username": "username", "givenName": "text!",
                         "familyName": "text!", "password": "password"}),
    "roles.csv": File(
        "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,"
        "roleEndDate",
        ("userSourcedId", "orgSourcedId", "role"),
        {"userSourcedId": "ref! users.csv", "orgSourcedId": "ref! orgs.csv",
         "role": "role! role-v2.1", "isPrimary": "one-of! true-false"}),
    "classes.csv": File(
        "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId", ("sourcedId",),
        {"sourcedId": "section-id", "orgSourcedId": "ref! orgs.csv", "title": "text!",
         "sessionSourcedIds": "refs academicSessions.csv", "courseSourcedId": "ref courses.csv"},
        lists=("sessionSourcedIds",)),
    "enrollments.csv": File(
        "classSourcedId,userSourcedId,role", ("classSourcedId", "userSourcedId", "role"),
        {"classSourcedId": "ref! classes.csv", "userSourcedId": "ref! users.csv",
         "role": "role! enrollment-v2.1"}),
    "academicSessions.csv": File(
        "sourcedId,title,type,schoolYear,startDate,endDate", ("sourcedId",),
        {"sourcedId": "id", "title": "text!", "type": "one-of! session-v2.1",
         "schoolYear": "year!", "startDate": "date!", "endDate": "date!"}),
    "courses.csv": File(
        "sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade", ("sourcedId",),
        {"sourcedId": "id", "orgSourcedId": "ref! orgs.csv", "title": "text!", "code": "text",
         "schoolYearSourcedId": "ref academicSessions.csv"}),
}

_COMMON = {"sourcedId": "id", "status": "status", "dateLastModified": "stamp"}
_OR_FILES = {
    "academicSessions.csv": File(
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
        ("sourcedId",),
        {**_COMMON, "title": "text!", "type": "one-of! session-oneroster", "startDate": "date!",
         "endDate": "date!", "parentSourcedId": "ref academicSessions.csv",
         "schoolYear": "year!"}),
    "orgs.csv": File(
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId", ("sourcedId",),
        {**_COMMON, "name": "text!", "type": "one-of! org-oneroster", "identifier": "text",
         "parentSourcedId": "ref orgs.csv"}),
    "courses.csv": File(
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,"
        "orgSourcedId,subjects,subjectCodes",
        ("sourcedId",),
        {**_COMMON, "schoolYearSourcedId": "ref academicSessions.csv", "title": "text!",
         "courseCode": "text", "orgSourcedId": "ref! orgs.csv", "subjects": "text",
         "subjectCodes": "text"},
        lists=("subjects", "subjectCodes")),
    "classes.csv": File(
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,"
        "location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
        ("sourcedId",),
        {**_COMMON, "sourcedId": "section-id", "title": "text!",
         "courseSourcedId": "ref! courses.csv", "classCode": "text",
         "classType": "one-of! class-oneroster", "location": "text",
         "schoolSourcedId": "ref! orgs.csv", "termSourcedIds": "refs! academicSessions.csv",
         "subjects": "text", "subjectCodes": "text", "periods": "text"},
        lists=("termSourcedIds", "subjects", "subjectCodes", "periods")),
    "users.csv": File(
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,"
        "givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,"
        "password",
        ("sourcedId",),
        {**_COMMON, "enabledUser": "boolean!", "orgSourcedIds": "refs! orgs.csv",
         "role": "role! role-oneroster", "username": "username", "userIds": "text",
         "givenName": "text!", "familyName": "text!", "middleName": "text",
         "identifier": "text"},
        lists=("orgSourcedIds", "userIds")),
    "enrollments.csv": File(
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
        "primary,beginDate,endDate",
        ("sourcedId",),
        {**_COMMON, "classSourcedId": "ref! classes.csv", "schoolSourcedId": "ref! orgs.csv",
         "userSourcedId": "ref! users.csv", "role": "role! role-oneroster",
         "primary": "boolean", "beginDate": "date", "endDate": "date"}),
}
MANIFEST = "manifest.csv"
MANIFEST_FILE = File("propertyName,value", (), {"propertyName": "id", "value": "text"})
MANIFEST_FIXED = (("manifest.version", "1.0"), ("oneroster.version", "1.1"))
MANIFEST_KINDS = ("academicSessions", "categories", "classes", "classResources", "courses",
                  "courseResources", "demographics", "enrollments", "lineItems", "orgs",
                  "resources", "results", "users")

_CLEVER_TEACHERS = ("Teacher_id", "Teacher_2_id", "Teacher_3_id", "Teacher_4_id")
_CLEVER_FILES = {
    "schools.csv": File(
        "School_id,School_name,School_number,State_id,Low_grade,High_grade,Principal,"
        "Principal_email,School_address,School_city,School_state,School_zip,School_phone",
        ("School_id",), {"School_id": "id", "School_name": "text!"}),
    "students.csv": File(
        "School_id,Student_id,Student_number,State_id,Last_name,Middle_name,First_name,Grade,"
        "Gender,Graduation_year,DOB,Race,Hispanic_Latino,Home_language,Ell_status,Frl_status,"
        "IEP_status,Student_street,Student_city,Student_state,Student_zip,Student_email,"
        "Contact_relationship,Contact_type,Contact_email,Contact_sis_id,Username,Password",
        ("Student_id",),
        {"School_id": "ref! schools.csv", "Student_id": "id", "Last_name": "text!",
         "First_name": "text!", "Username": "username"}),
    "teachers.csv": File(
        "School_id,Teacher_id,Teacher_number,State_teacher_id,Teacher_email,First_name,"
        "Middle_name,Last_name,Title,Username",
        ("Teacher_id",),
        {"School_id": "ref! schools.csv", "Teacher_id": "id", "Last_name": "text!",
         "First_name": "text!", "Username": "username"}),
    "sections.csv": File(
        "School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id,Teacher_4_id,Name,"
        "Section_number,Grade,Course_name,Course_number,Course_description,Period,Subject,"
        "Term_name,Term_start,Term_end",
        ("Section_id",),
        {"School_id": "ref! schools.csv", "Section_id": "section-id",
         **{column: "ref teachers.csv" for column in _CLEVER_TEACHERS},
         "Name": "text!", "Section_number": "text", "Term_name": "text", "Term_start": "date",
         "Term_end": "date"}),
    "enrollments.csv": File(
        "School_id,Section_id,Student_id", ("Section_id", "Student_id"),
        {"School_id": "ref! schools.csv", "Section_id": "ref! sections.csv",
         "Student_id": "ref! students.csv"},
        sorts=(("School_id", "Section_id", "Student_id"),)),
}
CLEVER_TEACHERS = _CLEVER_TEACHERS

_V1_PEOPLE = (("Student.csv", "SIS ID", "Username"), ("Teacher.csv", "SIS ID", "Username"))
_USERS = (("users.csv", "sourcedId", "username"),)

FORMATS = {
    "sds-v1": Format(_V1_FILES, _V1_PEOPLE, "iso", row_limit=True, passwords=True),
    "sds-v1-uk": Format(_UK_FILES, _V1_PEOPLE, "iso", row_limit=True, passwords=True),
    "sds-v2.1": Format(_V21_FILES, _USERS, "iso", passwords=True),
    "oneroster-csv": Format(_OR_FILES, _USERS, "iso"),
    "clever": Format(_CLEVER_FILES, (("students.csv", "Student_id", "Username"),
                                     ("teachers.csv", "Teacher_id", "Username")), "clever"),
}

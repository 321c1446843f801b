"""Small right exports of one roster, written by hand in all five formats, with pull and reports.

Two schools, nine people, four classes. The roster holds each documented difference once: people
with two schools (t-01, p-03), staff with a pupil membership (t-02), a class with five teachers
(c-02), a class without a teacher (c-03), one without pupils (c-04), a tab in a title (c-02) and
U+2028 in a name (p-02).
"""
import json
import os
import zipfile

V1 = {
    "School.csv": [
        "SIS ID,Name,School Number,School NCES_ID,State ID,Grade Low,Grade High,Principal SIS ID,"
        "Principal Name,Principal Secondary Email,Address,City,State,Country,Zip,Phone,Zone",
        "001507-1,001507 - Zandpoort - Dorp,001507,,,,,,,,,,,,,,",
        "001507-2,\"001507 - Zandpoort, campus \"\"Zuid\"\"\",001507,,,,,,,,,,,,,,",
    ],
    "Section.csv": [
        "SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,"
        "Term EndDate,Course SIS ID,Course Name,Course Number,Course Description,Course Subject,"
        "Periods,Status",
        "c-01,001507-1,2024-25 1A - Dorp,1A,2024-25,Schooljaar 2024-25,2024-09-01,2025-06-30,"
        "c-01,2024-25 1A - Dorp,1A,,,,Active",
        "c-02,001507-1,2024-25 1B/2B - Dorp,1B,2024-25,Schooljaar 2024-25,2024-09-01,2025-06-30,"
        "c-02,2024-25 1B/2B - Dorp,1B,,,,Active",
        "c-03,001507-2,\"2024-25 3A, latijn - Zuid\",3A,2024-25,Schooljaar 2024-25,2024-09-01,"
        "2025-06-30,c-03,\"2024-25 3A, latijn - Zuid\",3A,,,,Active",
        "c-04,001507-2,2024-25 3B - Zuid,3B,2024-25,Schooljaar 2024-25,2024-09-01,2025-06-30,"
        "c-04,2024-25 3B - Zuid,3B,,,,Active",
    ],
    "Student.csv": [
        "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Secondary Email,"
        "Student Number,Middle Name,Grade,Status,Birthdate,Graduation Year",
        "p-01,001507-1,Łukasz,\"O\"\"Neil\",lukasz.oneil,,,,,,,Active,,",
        "p-02,001507-1,Mia Jo,Peeters,miajo.peeters,,,,,,,Active,,",
        "p-03,001507-2,Noor,=1+1,noor.11,,,,,,,Active,,",
        "t-02,001507-1,Bert,\"De Wit, junior\",bert.dewit,,,,,,,Active,,",
    ],
    "Teacher.csv": [
        "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Teacher Number,"
        "Status,Middle Name,Secondary Email,Title,Qualification",
        "t-01,001507-1,An,Claes,an.claes,,,,Active,,,,",
        "t-02,001507-1,Bert,\"De Wit, junior\",bert.dewit,,,,Active,,,,",
        "t-03,001507-1,Cis,Daems,cis.daems,,,,Active,,,,",
        "t-04,001507-1,Dirk,Engels,dirk.engels,,,,Active,,,,",
        "t-05,001507-2,Els,Faes,els.faes,,,,Active,,,,",
        "t-06,001507-2,Fien,-,fien,,,,Active,,,,",
    ],
    "StudentEnrollment.csv": [
        "Section SIS ID,SIS ID",
        "c-01,p-01", "c-01,p-02", "c-01,t-02", "c-02,p-03", "c-03,p-03",
    ],
    "TeacherRoster.csv": [
        "Section SIS ID,SIS ID",
        "c-01,t-01", "c-02,t-01", "c-02,t-02", "c-02,t-03", "c-02,t-04", "c-02,t-05", "c-04,t-05",
    ],
}

UK_HEADERS = {
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
UK = {name: [UK_HEADERS[name], *rows[1:]] for name, rows in V1.items()}

V21 = {
    "orgs.csv": [
        "sourcedId,name,type,parentSourcedId",
        "001507-1,001507 - Zandpoort - Dorp,school,",
        "001507-2,\"001507 - Zandpoort, campus \"\"Zuid\"\"\",school,",
    ],
    "users.csv": [
        "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms",
        "p-01,lukasz.oneil,Łukasz,\"O\"\"Neil\",,,,,",
        "p-02,miajo.peeters,Mia Jo,Peeters,,,,,",
        "p-03,noor.11,Noor,=1+1,,,,,",
        "t-01,an.claes,An,Claes,,,,,",
        "t-02,bert.dewit,Bert,\"De Wit, junior\",,,,,",
        "t-03,cis.daems,Cis,Daems,,,,,",
        "t-04,dirk.engels,Dirk,Engels,,,,,",
        "t-05,els.faes,Els,Faes,,,,,",
        "t-06,fien,Fien,-,,,,,",
    ],
    "roles.csv": [
        "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,"
        "roleEndDate",
        "p-01,001507-1,student,,,TRUE,,", "p-02,001507-1,student,,,TRUE,,",
        "p-03,001507-1,student,,,FALSE,,", "p-03,001507-2,student,,,TRUE,,",
        "t-01,001507-1,teacher,,,TRUE,,", "t-01,001507-2,teacher,,,FALSE,,",
        "t-02,001507-1,teacher,,,TRUE,,", "t-03,001507-1,teacher,,,TRUE,,",
        "t-04,001507-1,teacher,,,TRUE,,", "t-05,001507-2,teacher,,,TRUE,,",
        "t-06,001507-2,teacher,,,TRUE,,",
    ],
    "classes.csv": [
        "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId",
        "c-01,001507-1,2024-25 1A - Dorp,2024-25,c-01",
        "c-02,001507-1,2024-25 1B/2B - Dorp,2024-25,c-02",
        "c-03,001507-2,\"2024-25 3A, latijn - Zuid\",2024-25,c-03",
        "c-04,001507-2,2024-25 3B - Zuid,2024-25,c-04",
    ],
    "enrollments.csv": [
        "classSourcedId,userSourcedId,role",
        "c-01,p-01,student", "c-01,p-02,student", "c-01,t-01,teacher", "c-01,t-02,student",
        "c-02,p-03,student", "c-02,t-01,teacher", "c-02,t-02,teacher", "c-02,t-03,teacher",
        "c-02,t-04,teacher", "c-02,t-05,teacher", "c-03,p-03,student", "c-04,t-05,teacher",
    ],
    "academicSessions.csv": [
        "sourcedId,title,type,schoolYear,startDate,endDate",
        "2024-25,Schooljaar 2024-25,schoolYear,2025,2024-09-01,2025-06-30",
    ],
    "courses.csv": [
        "sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade",
        "c-01,001507-1,2024-25 1A - Dorp,1A,2024-25,,",
        "c-02,001507-1,2024-25 1B/2B - Dorp,1B,2024-25,,",
        "c-03,001507-2,\"2024-25 3A, latijn - Zuid\",3A,2024-25,,",
        "c-04,001507-2,2024-25 3B - Zuid,3B,2024-25,,",
    ],
}

ONEROSTER = {
    "manifest.csv": [
        "propertyName,value", "manifest.version,1.0", "oneroster.version,1.1",
        "file.academicSessions,bulk", "file.categories,absent", "file.classes,bulk",
        "file.classResources,absent", "file.courses,bulk", "file.courseResources,absent",
        "file.demographics,absent", "file.enrollments,bulk", "file.lineItems,absent",
        "file.orgs,bulk", "file.resources,absent", "file.results,absent", "file.users,bulk",
        "source.systemName,Informat",
    ],
    "academicSessions.csv": [
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,"
        "schoolYear",
        "2024-25,,,Schooljaar 2024-25,schoolYear,2024-09-01,2025-06-30,,2025",
    ],
    "orgs.csv": [
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
        "001507-1,,,001507 - Zandpoort - Dorp,school,001507-1,",
        "001507-2,,,\"001507 - Zandpoort, campus \"\"Zuid\"\"\",school,001507-2,",
    ],
    "courses.csv": [
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,"
        "orgSourcedId,subjects,subjectCodes",
        "c-01,,,2024-25,2024-25 1A - Dorp,1A,,001507-1,,",
        "c-02,,,2024-25,2024-25 1B/2B - Dorp,1B,,001507-1,,",
        "c-03,,,2024-25,\"2024-25 3A, latijn - Zuid\",3A,,001507-2,,",
        "c-04,,,2024-25,2024-25 3B - Zuid,3B,,001507-2,,",
    ],
    "classes.csv": [
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,"
        "location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
        "c-01,,,2024-25 1A - Dorp,,c-01,1A,homeroom,,001507-1,2024-25,,,",
        "c-02,,,2024-25 1B/2B - Dorp,,c-02,1B,homeroom,,001507-1,2024-25,,,",
        "c-03,,,\"2024-25 3A, latijn - Zuid\",,c-03,3A,homeroom,,001507-2,2024-25,,,",
        "c-04,,,2024-25 3B - Zuid,,c-04,3B,homeroom,,001507-2,2024-25,,,",
    ],
    "users.csv": [
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,"
        "givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,"
        "password",
        "p-01,,,true,001507-1,student,lukasz.oneil,,Łukasz,\"O\"\"Neil\",,p-01,,,,,,",
        "p-02,,,true,001507-1,student,miajo.peeters,,Mia Jo,Peeters,,p-02,,,,,,",
        "p-03,,,true,\"001507-2,001507-1\",student,noor.11,,Noor,=1+1,,p-03,,,,,,",
        "t-01,,,true,\"001507-1,001507-2\",teacher,an.claes,,An,Claes,,t-01,,,,,,",
        "t-02,,,true,001507-1,teacher,bert.dewit,,Bert,\"De Wit, junior\",,t-02,,,,,,",
        "t-03,,,true,001507-1,teacher,cis.daems,,Cis,Daems,,t-03,,,,,,",
        "t-04,,,true,001507-1,teacher,dirk.engels,,Dirk,Engels,,t-04,,,,,,",
        "t-05,,,true,001507-2,teacher,els.faes,,Els,Faes,,t-05,,,,,,",
        "t-06,,,true,001507-2,teacher,fien,,Fien,-,,t-06,,,,,,",
    ],
    "enrollments.csv": [
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
        "primary,beginDate,endDate",
        "p-01-1,,,c-01,001507-1,p-01,student,,2024-09-01,2025-06-30",
        "p-02-1,,,c-01,001507-1,p-02,student,,2024-09-01,2025-06-30",
        "p-03-2,,,c-02,001507-1,p-03,student,,2024-09-01,2025-06-30",
        "p-03-3,,,c-03,001507-2,p-03,student,,2024-09-01,2025-06-30",
        "t-01-1,,,c-01,001507-1,t-01,teacher,true,2024-09-01,",
        "t-01-2,,,c-02,001507-1,t-01,teacher,false,2024-10-01,",
        "t-02-1,,,c-01,001507-1,t-02,student,,2024-09-02,2025-06-30",
        "t-02-2,,,c-02,001507-1,t-02,teacher,true,2024-09-01,",
        "t-03-2,,,c-02,001507-1,t-03,teacher,false,2024-09-01,",
        "t-04-2,,,c-02,001507-1,t-04,teacher,false,2024-09-01,",
        "t-05-2,,,c-02,001507-1,t-05,teacher,false,2024-11-01,",
        "t-05-4,,,c-04,001507-2,t-05,teacher,true,2024-09-01,",
    ],
}

CLEVER = {
    "schools.csv": [
        "School_id,School_name,School_number,State_id,Low_grade,High_grade,Principal,"
        "Principal_email,School_address,School_city,School_state,School_zip,School_phone",
        "001507-1,001507 - Zandpoort - Dorp,,,,,,,,,,,",
        "001507-2,\"001507 - Zandpoort, campus \"\"Zuid\"\"\",,,,,,,,,,,",
    ],
    "students.csv": [
        "School_id,Student_id,Student_number,State_id,Last_name,Middle_name,First_name,Grade,"
        "Gender,Graduation_year,DOB,Race,Hispanic_Latino,Home_language,Ell_status,Frl_status,"
        "IEP_status,Student_street,Student_city,Student_state,Student_zip,Student_email,"
        "Contact_relationship,Contact_type,Contact_email,Contact_sis_id,Username,Password",
        "001507-1,p-01,,,\"O\"\"Neil\",,Łukasz,,,,,,,,,,,,,,,,,,,,lukasz.oneil,",
        "001507-1,p-02,,,Peeters,,Mia Jo,,,,,,,,,,,,,,,,,,,,miajo.peeters,",
        "001507-2,p-03,,,=1+1,,Noor,,,,,,,,,,,,,,,,,,,,noor.11,",
        "001507-1,t-02,,,\"De Wit, junior\",,Bert,,,,,,,,,,,,,,,,,,,,bert.dewit,",
    ],
    "teachers.csv": [
        "School_id,Teacher_id,Teacher_number,State_teacher_id,Teacher_email,First_name,"
        "Middle_name,Last_name,Title,Username",
        "001507-1,t-01,,,,An,,Claes,,an.claes",
        "001507-1,t-02,,,,Bert,,\"De Wit, junior\",,bert.dewit",
        "001507-1,t-03,,,,Cis,,Daems,,cis.daems",
        "001507-1,t-04,,,,Dirk,,Engels,,dirk.engels",
        "001507-2,t-05,,,,Els,,Faes,,els.faes",
        "001507-2,t-06,,,,Fien,,-,,fien",
    ],
    "sections.csv": [
        "School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id,Teacher_4_id,Name,"
        "Section_number,Grade,Course_name,Course_number,Course_description,Period,Subject,"
        "Term_name,Term_start,Term_end",
        "001507-1,c-01,t-01,,,,2024-25 1A - Dorp,1A,,,,,,,Schooljaar 2024-25,09/01/2024,"
        "06/30/2025",
        "001507-1,c-02,t-02,t-03,t-04,t-01,2024-25 1B/2B - Dorp,1B,,,,,,,Schooljaar 2024-25,"
        "09/01/2024,06/30/2025",
    ],
    "enrollments.csv": [
        "School_id,Section_id,Student_id",
        "001507-1,c-01,p-01", "001507-1,c-01,p-02", "001507-1,c-01,t-02", "001507-1,c-02,p-03",
    ],
}

EXPORTS = {"sds-v1": V1, "sds-v1-uk": UK, "sds-v2.1": V21, "oneroster-csv": ONEROSTER,
           "clever": CLEVER}

EVERYWHERE = [("control-characters", ["c-02", "p-02"]), ("unsupported-characters", ["c-02"])]
ONE_SCHOOL = [("several-orgs", ["p-03", "t-01"]), ("staff-and-pupil", ["t-02"])]
LEFT_OUT = [("section-without-primary-teacher", ["c-03"]), ("section-without-pupils", ["c-04"]),
            ("more-than-four-teachers", ["c-02"])]
NOTES = {"sds-v1": EVERYWHERE + ONE_SCHOOL, "sds-v1-uk": EVERYWHERE + ONE_SCHOOL,
         "sds-v2.1": EVERYWHERE, "oneroster-csv": EVERYWHERE,
         "clever": EVERYWHERE + ONE_SCHOOL + LEFT_OUT}


def write_folder(folder, files):
    os.makedirs(folder, mode=0o700)
    os.chmod(folder, 0o700)
    for name, lines in files.items():
        path = os.path.join(folder, name)
        with open(path, "wb") as handle:
            handle.write("".join(line + "\r\n" for line in lines).encode("utf-8"))
        os.chmod(path, 0o600)


def write_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)),
                             "".join(line + "\r\n" for line in lines).encode("utf-8"))


def report(name, files=None, notes=None, orgs=("001507-1", "001507-2")):
    files = files or EXPORTS[name]
    return {
        "tenant": "zandpoort", "format": name, "generation": 1,
        "published_at": "2024-09-02T06:00:00.000Z", "path": "out", "orgs": list(orgs),
        "rows": {file: len(lines) - 1 for file, lines in files.items() if file != "manifest.csv"},
        "notes": [{"rule": rule, "count": len(ids), "sourced_ids": ids}
                  for rule, ids in (NOTES[name] if notes is None else notes)],
    }


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as handle:
        json.dump(value, handle)

//! The header row of every file of every format, byte for byte as the sources have it: this file holds the rows itself.

use super::roster::Roster;
use super::{read, read_zip};

/// sds-consumer §5 (Microsoft's samples `SDS Format` and `UK Format`), §6 (`SDS v2.1`), §7.2, and oneroster-v1p1 §10.
const HEADERS: [(&str, &[(&str, &str)]); 5] = [
    (
        "sds-v1",
        &[
            (
                "School.csv",
                "SIS ID,Name,School Number,School NCES_ID,State ID,Grade Low,Grade High,Principal SIS ID,Principal Name,Principal Secondary Email,Address,City,State,Country,Zip,Phone,Zone",
            ),
            (
                "Section.csv",
                "SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,Course Name,Course Number,Course Description,Course Subject,Periods,Status",
            ),
            (
                "Student.csv",
                "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Secondary Email,Student Number,Middle Name,Grade,Status,Birthdate,Graduation Year",
            ),
            (
                "Teacher.csv",
                "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Teacher Number,Status,Middle Name,Secondary Email,Title,Qualification",
            ),
            ("StudentEnrollment.csv", "Section SIS ID,SIS ID"),
            ("TeacherRoster.csv", "Section SIS ID,SIS ID"),
        ],
    ),
    (
        "sds-v1-uk",
        &[
            (
                "School.csv",
                "DfE Number,Name,School Number,School NCES_ID,State ID,Grade Low,Grade High,Principal SIS ID,Principal Name,Principal Secondary Email,Address,City,State,Country,Postal Code,Phone,Zone",
            ),
            (
                "Section.csv",
                "ID,School DfE Number,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,Course Name,Course Number,Course Description,Course Subject,Periods,Status",
            ),
            (
                "Student.csv",
                "ID,School DfE Number,First Name,Last Name,Username,Password,State ID,Secondary Email,Student Number,Middle Name,Grade,Status,Birthdate,Graduation Year",
            ),
            (
                "Teacher.csv",
                "ID,School DfE Number,First Name,Last Name,Username,Password,State ID,Teacher Number,Status,Middle Name,Secondary Email,Title,Qualification",
            ),
            ("StudentEnrollment.csv", "Section ID,ID"),
            ("TeacherRoster.csv", "Section ID,ID"),
        ],
    ),
    (
        "sds-v2.1",
        &[
            ("orgs.csv", "sourcedId,name,type,parentSourcedId"),
            (
                "users.csv",
                "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms",
            ),
            (
                "roles.csv",
                "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate",
            ),
            (
                "classes.csv",
                "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId",
            ),
            ("enrollments.csv", "classSourcedId,userSourcedId,role"),
            (
                "academicSessions.csv",
                "sourcedId,title,type,schoolYear,startDate,endDate",
            ),
            (
                "courses.csv",
                "sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade",
            ),
        ],
    ),
    (
        "oneroster-csv",
        &[
            ("manifest.csv", "propertyName,value"),
            (
                "academicSessions.csv",
                "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
            ),
            (
                "orgs.csv",
                "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
            ),
            (
                "courses.csv",
                "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
            ),
            (
                "classes.csv",
                "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
            ),
            (
                "users.csv",
                "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
            ),
            (
                "enrollments.csv",
                "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
            ),
        ],
    ),
    (
        "clever",
        &[
            (
                "schools.csv",
                "School_id,School_name,School_number,State_id,Low_grade,High_grade,Principal,Principal_email,School_address,School_city,School_state,School_zip,School_phone",
            ),
            (
                "students.csv",
                "School_id,Student_id,Student_number,State_id,Last_name,Middle_name,First_name,Grade,Gender,Graduation_year,DOB,Race,Hispanic_Latino,Home_language,Ell_status,Frl_status,IEP_status,Student_street,Student_city,Student_state,Student_zip,Student_email,Contact_relationship,Contact_type,Contact_email,Contact_sis_id,Username,Password",
            ),
            (
                "teachers.csv",
                "School_id,Teacher_id,Teacher_number,State_teacher_id,Teacher_email,First_name,Middle_name,Last_name,Title,Username",
            ),
            (
                "sections.csv",
                "School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id,Teacher_4_id,Name,Section_number,Grade,Course_name,Course_number,Course_description,Period,Subject,Term_name,Term_start,Term_end",
            ),
            ("enrollments.csv", "School_id,Section_id,Student_id"),
        ],
    ),
];

/// What an empty roster looks like: every file of the format and no other, headers only.
#[tokio::test]
async fn every_file_has_its_header_and_nothing_else_for_an_empty_tenant() {
    let roster = Roster::begin().await;
    roster.publish(&[]).await;
    for (format, files) in HEADERS {
        let report = roster.export_to(format, format, &[]).await.done();
        let in_zip = format!("{format}.zip");
        roster.export_to(&in_zip, format, &[]).await.done();
        let set = read(&roster.path(format));
        assert_eq!(
            set,
            read_zip(&std::fs::read(roster.path(&in_zip)).unwrap()),
            "{format}"
        );
        let mut names: Vec<&str> = files.iter().map(|(file, _)| *file).collect();
        names.sort_unstable();
        assert_eq!(set.keys().collect::<Vec<_>>(), names, "{format}");
        for (file, header) in files {
            assert_eq!(set[*file].header, *header, "{format} {file}");
            let rows = if *file == "manifest.csv" { 16 } else { 0 };
            assert_eq!(set[*file].rows.len(), rows, "{format} {file}");
            assert_eq!(report["rows"][*file], rows, "{format} {file}");
        }
    }
}

/// The manifest has the standard's rows, in its order.
#[tokio::test]
async fn the_manifest_names_all_thirteen_files() {
    let roster = Roster::with(&[]).await;
    roster.export("oneroster-csv", &[]).await.done();
    let text = std::fs::read_to_string(roster.path("out/manifest.csv")).unwrap();
    let expected = "propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,1.1\r\nfile.academicSessions,bulk\r\n\
        file.categories,absent\r\nfile.classes,bulk\r\nfile.classResources,absent\r\nfile.courses,bulk\r\n\
        file.courseResources,absent\r\nfile.demographics,absent\r\nfile.enrollments,bulk\r\nfile.lineItems,absent\r\n\
        file.orgs,bulk\r\nfile.resources,absent\r\nfile.results,absent\r\nfile.users,bulk\r\nsource.systemName,Informat\r\n";
    assert_eq!(text, expected);
}

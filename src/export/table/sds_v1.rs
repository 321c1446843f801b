//! School Data Sync V1 and its UK variant (003, 004; Microsoft's samples `SDS Format` and `UK Format`).

use super::Column::{Id, Required, SectionId, Title, Username};
use super::{Column, Table};

/// The files.
pub(in crate::export) const TABLES: &[&Table] = &[
    &Table {
        file: SCHOOL,
        header: "SIS ID,Name,School Number,School NCES_ID,State ID,Grade Low,Grade High,Principal SIS ID,Principal Name,Principal Secondary Email,Address,City,State,Country,Zip,Phone,Zone",
        kinds: SCHOOL_KINDS,
        key: &[0],
    },
    &Table {
        file: SECTION,
        header: "SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,Course Name,Course Number,Course Description,Course Subject,Periods,Status",
        kinds: SECTION_KINDS,
        key: &[0],
    },
    &Table {
        file: STUDENT,
        header: "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Secondary Email,Student Number,Middle Name,Grade,Status,Birthdate,Graduation Year",
        kinds: PERSON_KINDS,
        key: &[0],
    },
    &Table {
        file: TEACHER,
        header: "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Teacher Number,Status,Middle Name,Secondary Email,Title,Qualification",
        kinds: PERSON_KINDS,
        key: &[0],
    },
    &Table {
        file: STUDENT_ENROLLMENT,
        header: "Section SIS ID,SIS ID",
        kinds: MEMBERSHIP_KINDS,
        key: &[0, 1],
    },
    &Table {
        file: TEACHER_ROSTER,
        header: "Section SIS ID,SIS ID",
        kinds: MEMBERSHIP_KINDS,
        key: &[0, 1],
    },
];

/// The files of the UK variant: some headers have other names (004).
pub(in crate::export) const UK_TABLES: &[&Table] = &[
    &Table {
        file: SCHOOL,
        header: "DfE Number,Name,School Number,School NCES_ID,State ID,Grade Low,Grade High,Principal SIS ID,Principal Name,Principal Secondary Email,Address,City,State,Country,Postal Code,Phone,Zone",
        kinds: SCHOOL_KINDS,
        key: &[0],
    },
    &Table {
        file: SECTION,
        header: "ID,School DfE Number,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,Course Name,Course Number,Course Description,Course Subject,Periods,Status",
        kinds: SECTION_KINDS,
        key: &[0],
    },
    &Table {
        file: STUDENT,
        header: "ID,School DfE Number,First Name,Last Name,Username,Password,State ID,Secondary Email,Student Number,Middle Name,Grade,Status,Birthdate,Graduation Year",
        kinds: PERSON_KINDS,
        key: &[0],
    },
    &Table {
        file: TEACHER,
        header: "ID,School DfE Number,First Name,Last Name,Username,Password,State ID,Teacher Number,Status,Middle Name,Secondary Email,Title,Qualification",
        kinds: PERSON_KINDS,
        key: &[0],
    },
    &Table {
        file: STUDENT_ENROLLMENT,
        header: "Section ID,ID",
        kinds: MEMBERSHIP_KINDS,
        key: &[0, 1],
    },
    &Table {
        file: TEACHER_ROSTER,
        header: "Section ID,ID",
        kinds: MEMBERSHIP_KINDS,
        key: &[0, 1],
    },
];

pub(in crate::export) const SCHOOL: &str = "School.csv";
pub(in crate::export) const SECTION: &str = "Section.csv";
pub(in crate::export) const STUDENT: &str = "Student.csv";
pub(in crate::export) const TEACHER: &str = "Teacher.csv";
pub(in crate::export) const STUDENT_ENROLLMENT: &str = "StudentEnrollment.csv";
pub(in crate::export) const TEACHER_ROSTER: &str = "TeacherRoster.csv";

const SCHOOL_KINDS: &[(usize, Column)] = &[(0, Id), (1, Required)];
const SECTION_KINDS: &[(usize, Column)] = &[(0, SectionId), (1, Id), (2, Title)];
const PERSON_KINDS: &[(usize, Column)] = &[(0, Id), (1, Id), (4, Username)];
const MEMBERSHIP_KINDS: &[(usize, Column)] = &[(0, SectionId), (1, Id)];

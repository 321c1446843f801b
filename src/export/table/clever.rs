//! Clever's files (000; its SFTP format).

use super::Column::{Id, Required, SectionId, Title, Username};
use super::Table;

/// The files.
pub(in crate::export) const TABLES: &[&Table] = &[
    &Table {
        file: SCHOOLS,
        header: "School_id,School_name,School_number,State_id,Low_grade,High_grade,Principal,Principal_email,School_address,School_city,School_state,School_zip,School_phone",
        kinds: &[(0, Id), (1, Required)],
        key: &[0],
    },
    &Table {
        file: STUDENTS,
        header: "School_id,Student_id,Student_number,State_id,Last_name,Middle_name,First_name,Grade,Gender,Graduation_year,DOB,Race,Hispanic_Latino,Home_language,Ell_status,Frl_status,IEP_status,Student_street,Student_city,Student_state,Student_zip,Student_email,Contact_relationship,Contact_type,Contact_email,Contact_sis_id,Username,Password",
        kinds: &[(0, Id), (1, Id), (26, Username)],
        key: &[1],
    },
    &Table {
        file: TEACHERS,
        header: "School_id,Teacher_id,Teacher_number,State_teacher_id,Teacher_email,First_name,Middle_name,Last_name,Title,Username",
        kinds: &[(0, Id), (1, Id), (9, Username)],
        key: &[1],
    },
    &Table {
        file: SECTIONS,
        header: "School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id,Teacher_4_id,Name,Section_number,Grade,Course_name,Course_number,Course_description,Period,Subject,Term_name,Term_start,Term_end",
        kinds: &[(0, Id), (1, SectionId), (2, Id), (6, Title)],
        key: &[1],
    },
    &Table {
        file: ENROLLMENTS,
        header: "School_id,Section_id,Student_id",
        kinds: &[(0, Id), (1, SectionId), (2, Id)],
        key: &[1, 2],
    },
];

pub(in crate::export) const SCHOOLS: &str = "schools.csv";
pub(in crate::export) const STUDENTS: &str = "students.csv";
pub(in crate::export) const TEACHERS: &str = "teachers.csv";
pub(in crate::export) const SECTIONS: &str = "sections.csv";
pub(in crate::export) const ENROLLMENTS: &str = "enrollments.csv";

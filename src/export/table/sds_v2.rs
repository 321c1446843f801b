//! School Data Sync V2.1 (Microsoft's samples `SDS v2.1`).

use super::Column::{Id, Required, SectionId, Title, Username};
use super::Table;

/// The files.
pub(in crate::export) const TABLES: &[&Table] = &[
    &Table {
        file: ORGS,
        header: "sourcedId,name,type,parentSourcedId",
        kinds: &[(0, Id), (1, Required), (2, Required)],
        key: &[0],
    },
    &Table {
        file: USERS,
        header: "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms",
        kinds: &[(0, Id), (1, Username)],
        key: &[0],
    },
    &Table {
        file: ROLES,
        header: "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate",
        kinds: &[(0, Id), (1, Id), (2, Required)],
        key: &[0, 1],
    },
    &Table {
        file: ACADEMIC_SESSIONS,
        header: "sourcedId,title,type,schoolYear,startDate,endDate",
        kinds: &[
            (0, Id),
            (1, Required),
            (2, Required),
            (3, Required),
            (4, Required),
            (5, Required),
        ],
        key: &[0],
    },
    &Table {
        file: COURSES,
        header: "sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade",
        kinds: &[(0, Id), (1, Id), (2, Required)],
        key: &[0],
    },
    &Table {
        file: CLASSES,
        header: "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId",
        kinds: &[(0, SectionId), (1, Id), (2, Title)],
        key: &[0],
    },
    &Table {
        file: ENROLLMENTS,
        header: "classSourcedId,userSourcedId,role",
        kinds: &[(0, SectionId), (1, Id), (2, Required)],
        key: &[0, 1, 2],
    },
];

pub(in crate::export) const ORGS: &str = "orgs.csv";
pub(in crate::export) const USERS: &str = "users.csv";
pub(in crate::export) const ROLES: &str = "roles.csv";
pub(in crate::export) const ACADEMIC_SESSIONS: &str = "academicSessions.csv";
pub(in crate::export) const COURSES: &str = "courses.csv";
pub(in crate::export) const CLASSES: &str = "classes.csv";
pub(in crate::export) const ENROLLMENTS: &str = "enrollments.csv";

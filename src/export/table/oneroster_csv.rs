//! The CSV binding of OneRoster 1.1 (OneRoster 1.1 CSV §10).

use super::Column::{Id, Required, Title, Username};
use super::Table;

/// The files. The manifest is written last: it says which others there are.
pub(in crate::export) const TABLES: &[&Table] = &[
    &Table {
        file: ACADEMIC_SESSIONS,
        header: "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
        kinds: &[
            (0, Id),
            (3, Required),
            (4, Required),
            (5, Required),
            (6, Required),
            (8, Required),
        ],
        key: &[0],
    },
    &Table {
        file: ORGS,
        header: "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
        kinds: &[(0, Id), (3, Required), (4, Required)],
        key: &[0],
    },
    &Table {
        file: COURSES,
        header: "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
        kinds: &[(0, Id), (4, Required), (7, Id)],
        key: &[0],
    },
    &Table {
        file: CLASSES,
        header: "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
        kinds: &[
            (0, Id),
            (3, Title),
            (5, Id),
            (7, Required),
            (9, Id),
            (10, Required),
        ],
        key: &[0],
    },
    &Table {
        file: USERS,
        header: "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
        kinds: &[
            (0, Id),
            (3, Required),
            (4, Required),
            (5, Required),
            (6, Username),
            (8, Required),
            (9, Required),
        ],
        key: &[0],
    },
    &Table {
        file: ENROLLMENTS,
        header: "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
        kinds: &[(0, Id), (3, Id), (4, Id), (5, Id), (6, Required)],
        key: &[0],
    },
    &MANIFEST,
];

/// What the package holds. Its rows have an order of their own.
pub(in crate::export) const MANIFEST: Table = Table {
    file: "manifest.csv",
    header: "propertyName,value",
    kinds: &[],
    key: &[],
};

/// The files that the standard knows, in the order in which the manifest names them.
pub(in crate::export) const MANIFEST_FILES: [&str; 13] = [
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItems",
    "orgs",
    "resources",
    "results",
    "users",
];

/// What the manifest says the data come from.
pub(in crate::export) const SYSTEM_NAME: &str = "Informat";

pub(in crate::export) const ACADEMIC_SESSIONS: &str = "academicSessions.csv";
pub(in crate::export) const ORGS: &str = "orgs.csv";
pub(in crate::export) const COURSES: &str = "courses.csv";
pub(in crate::export) const CLASSES: &str = "classes.csv";
pub(in crate::export) const USERS: &str = "users.csv";
pub(in crate::export) const ENROLLMENTS: &str = "enrollments.csv";

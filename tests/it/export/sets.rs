//! A set of files as a consumer reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// One file: its header row as it stands, and its rows by column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) header: String,
    pub(crate) rows: Vec<BTreeMap<String, String>>,
}

/// A set of files by name.
pub(crate) type Set = BTreeMap<String, Sheet>;

/// Reads every file of a folder.
pub(crate) fn read(folder: &Path) -> Set {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), sheet(&bytes))
        })
        .collect()
}

/// Reads every file of a zip.
pub(crate) fn read_zip(bytes: &[u8]) -> Set {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|place| {
            let mut file = archive.by_index(place).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (name, sheet(&bytes))
        })
        .collect()
}

fn sheet(bytes: &[u8]) -> Sheet {
    let text = std::str::from_utf8(bytes).unwrap();
    let header = text.split("\r\n").next().unwrap().to_owned();
    assert!(
        text.ends_with("\r\n") && !header.starts_with('\u{feff}'),
        "{header}"
    );
    assert_eq!(
        text.matches('\n').count(),
        text.matches("\r\n").count(),
        "every line ends with CRLF"
    );
    let mut reader = csv::Reader::from_reader(bytes);
    let rows = reader
        .deserialize()
        .collect::<Result<Vec<BTreeMap<String, String>>, _>>();
    Sheet {
        header,
        rows: rows.unwrap(),
    }
}

impl Sheet {
    /// The values of a column, in the order of the rows.
    pub(crate) fn column(&self, name: &str) -> Vec<&str> {
        self.rows.iter().map(|row| row[name].as_str()).collect()
    }

    /// The row with this value in a column; there must be one.
    pub(crate) fn row(&self, column: &str, value: &str) -> &BTreeMap<String, String> {
        let rows: Vec<_> = self.rows.iter().filter(|row| row[column] == value).collect();
        assert_eq!(rows.len(), 1, "{column} = {value}: {rows:?}");
        rows[0]
    }

    /// The values of some columns of each row.
    pub(crate) fn pairs<const N: usize>(&self, names: [&str; N]) -> BTreeSet<[String; N]> {
        let pair = |row: &BTreeMap<String, String>| names.map(|name| row[name].clone());
        self.rows.iter().map(pair).collect()
    }

    fn ids(&self, column: &str) -> BTreeSet<&str> {
        self.column(column)
            .into_iter()
            .filter(|id| !id.is_empty())
            .collect()
    }
}

/// Where the references of a format lead: file and column, and the file and column they lead to.
const REFERENCES: [(&str, &[[&str; 4]]); 3] = [
    (
        "School.csv",
        &[
            ["Section.csv", "School SIS ID", "School.csv", "SIS ID"],
            ["Student.csv", "School SIS ID", "School.csv", "SIS ID"],
            ["Teacher.csv", "School SIS ID", "School.csv", "SIS ID"],
            ["StudentEnrollment.csv", "Section SIS ID", "Section.csv", "SIS ID"],
            ["StudentEnrollment.csv", "SIS ID", "Student.csv", "SIS ID"],
            ["TeacherRoster.csv", "Section SIS ID", "Section.csv", "SIS ID"],
            ["TeacherRoster.csv", "SIS ID", "Teacher.csv", "SIS ID"],
        ],
    ),
    (
        "roles.csv",
        &[
            ["roles.csv", "userSourcedId", "users.csv", "sourcedId"],
            ["roles.csv", "orgSourcedId", "orgs.csv", "sourcedId"],
            ["classes.csv", "orgSourcedId", "orgs.csv", "sourcedId"],
            [
                "classes.csv",
                "sessionSourcedIds",
                "academicSessions.csv",
                "sourcedId",
            ],
            ["classes.csv", "courseSourcedId", "courses.csv", "sourcedId"],
            ["courses.csv", "orgSourcedId", "orgs.csv", "sourcedId"],
            [
                "courses.csv",
                "schoolYearSourcedId",
                "academicSessions.csv",
                "sourcedId",
            ],
            ["enrollments.csv", "classSourcedId", "classes.csv", "sourcedId"],
            ["enrollments.csv", "userSourcedId", "users.csv", "sourcedId"],
        ],
    ),
    (
        "schools.csv",
        &[
            ["students.csv", "School_id", "schools.csv", "School_id"],
            ["teachers.csv", "School_id", "schools.csv", "School_id"],
            ["sections.csv", "School_id", "schools.csv", "School_id"],
            ["sections.csv", "Teacher_id", "teachers.csv", "Teacher_id"],
            ["sections.csv", "Teacher_2_id", "teachers.csv", "Teacher_id"],
            ["enrollments.csv", "Section_id", "sections.csv", "Section_id"],
            ["enrollments.csv", "Student_id", "students.csv", "Student_id"],
        ],
    ),
];

/// Sees that every reference leads to a row of the same set.
pub(crate) fn assert_resolved(set: &Set) {
    let known = REFERENCES.iter().find(|(file, _)| set.contains_key(*file));
    for [file, column, to_file, to_column] in known.unwrap().1 {
        let there = set[*to_file].ids(to_column);
        for id in set[*file].ids(column) {
            assert!(there.contains(id), "{file} {column} {id} is not in {to_file}");
        }
    }
}

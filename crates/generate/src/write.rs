//! Writing a school group into a folder: the files of a bundle and `tenant.toml`.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use oneroster_school::informat::Mirror;
use uuid::Uuid;

use super::SchoolGroup;
use super::tenant_file::FIRST_LINE;

const MANIFEST: &str = "manifest.csv";
const TENANT_FILE: &str = "tenant.toml";

/// A school group that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder holds something that is not part of a generated bundle.
    #[error(
        "{} holds {entry:?}, which is no file of a generated bundle (one is known by the first line of its tenant.toml); \
         name an empty or a new folder",
        directory.display()
    )]
    NotOurs {
        /// The folder.
        directory: PathBuf,
        /// The first such entry.
        entry: String,
    },
    /// The folder cannot be made or read.
    #[error("cannot use {} as a folder to write in", directory.display())]
    Directory {
        /// The folder.
        directory: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Writes the bundle and the tenant file into `directory`, which is made if need be.
///
/// An earlier bundle there is replaced; a folder that holds anything else is refused and left as it is.
pub fn write(group: &SchoolGroup, directory: &Path) -> Result<(), Error> {
    write_reporting(group, directory, &mut |_| {})
}

/// Like [`write()`]; calls `progress` after each row with the number of rows written.
pub fn write_reporting(
    group: &SchoolGroup,
    directory: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), Error> {
    prepare(group, directory)?;
    // First: by it the folder is known as ours, also if writing breaks off.
    let path = directory.join(TENANT_FILE);
    std::fs::write(&path, &group.tenant_file).map_err(|source| Error::Write { path, source })?;
    let mut folder = Folder {
        directory,
        rows: 0,
        progress,
    };
    // Before the tables: if writing breaks off, the counts give away that the bundle is not whole.
    folder.manifest(group)?;
    folder.places(&group.tables)?;
    folder.people(&group.tables)?;
    folder.classes(&group.tables)?;
    folder.staff(&group.tables)
}

/// Makes the folder, or checks that the one there holds nothing else than a generated bundle.
///
/// An export of Informat has files of the same names, so that ours are known by the tenant file beside them.
fn prepare(group: &SchoolGroup, directory: &Path) -> Result<(), Error> {
    let failed = |source| Error::Directory {
        directory: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(failed)?;
    let is_generated =
        std::fs::read(directory.join(TENANT_FILE)).is_ok_and(|text| text.starts_with(FIRST_LINE.as_bytes()));
    let mut others = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_of_bundle =
            name == MANIFEST || name == TENANT_FILE || group.files().iter().any(|(file, _)| *file == name);
        if !is_generated || !is_of_bundle || entry.file_type().map_err(failed)?.is_dir() {
            others.push(name);
        }
    }
    match others.into_iter().min() {
        None => Ok(()),
        Some(entry) => Err(Error::NotOurs {
            directory: directory.to_owned(),
            entry,
        }),
    }
}

/// The folder being written.
struct Folder<'a> {
    directory: &'a Path,
    rows: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl Folder<'_> {
    fn table<T, const COLUMNS: usize>(
        &mut self,
        file: &str,
        header: [&str; COLUMNS],
        rows: &[T],
        line: impl Fn(&T) -> [String; COLUMNS],
    ) -> Result<(), Error> {
        let path = self.directory.join(file);
        let mut write = || -> std::io::Result<()> {
            let mut writer = csv::Writer::from_writer(BufWriter::new(File::create(&path)?));
            writer.write_record(header)?;
            for row in rows {
                writer.write_record(line(row))?;
                self.rows += 1;
                (self.progress)(self.rows);
            }
            writer.flush()
        };
        write().map_err(|source| Error::Write {
            path: path.clone(),
            source,
        })
    }

    fn manifest(&mut self, group: &SchoolGroup) -> Result<(), Error> {
        let mut rows: Vec<(String, String)> = group
            .files()
            .iter()
            .map(|(file, rows)| ((*file).to_owned(), rows.to_string()))
            .collect();
        rows.push(("gemaakt_op".to_owned(), in_summer_time(group.extracted_at)));
        self.table(MANIFEST, ["bestand", "rijen"], &rows, |(file, rows)| {
            [file.clone(), rows.clone()]
        })
    }

    fn places(&mut self, tables: &Mirror) -> Result<(), Error> {
        self.table(
            "schooljaar.csv",
            ["schooljaar", "begindatum", "einddatum"],
            &tables.schooljaar,
            |row| {
                [
                    row.schooljaar.clone(),
                    day(Some(row.begindatum)),
                    day(Some(row.einddatum)),
                ]
            },
        )?;
        self.table(
            "school.csv",
            ["instelnr", "school", "schoolcode"],
            &tables.school,
            |row| {
                [
                    row.instelnr.clone(),
                    row.school.clone(),
                    text(row.schoolcode.as_ref()),
                ]
            },
        )?;
        let header = [
            "instelnr",
            "vestnrdiscimus",
            "hfdstructuur",
            "vestiging",
            "vestcode",
            "actief",
            "changed",
        ];
        self.table("schoolvest.csv", header, &tables.schoolvest, |row| {
            [
                row.instelnr.clone(),
                row.vestnrdiscimus.to_string(),
                row.hfdstructuur.clone(),
                row.vestiging.clone(),
                text(row.vestcode.as_ref()),
                u8::from(row.actief).to_string(),
                instant(row.changed),
            ]
        })
    }

    fn people(&mut self, tables: &Mirror) -> Result<(), Error> {
        let header = [
            "p_persoon",
            "rowguid",
            "naam",
            "voornaam",
            "geboortedatum",
            "changed",
        ];
        self.table("persoon.csv", header, &tables.persoon, |row| {
            [
                row.p_persoon.to_string(),
                id(row.rowguid, row.p_persoon),
                text(row.naam.as_ref()),
                text(row.voornaam.as_ref()),
                day(row.geboortedatum),
                instant(row.changed),
            ]
        })?;
        let header = [
            "p_inschr",
            "p_persoon",
            "instelnr",
            "vestnrdiscimus",
            "hfdstructuur",
            "schooljaar",
            "begindatum",
            "einddatum",
            "status",
            "changed",
        ];
        self.table("inschrijving.csv", header, &tables.inschrijving, |row| {
            [
                row.p_inschr.to_string(),
                row.p_persoon.to_string(),
                row.instelnr.clone(),
                row.vestnrdiscimus.to_string(),
                row.hfdstructuur.clone(),
                row.schooljaar.clone(),
                day(Some(row.begindatum)),
                day(row.einddatum),
                row.status.to_string(),
                instant(row.changed),
            ]
        })
    }

    fn classes(&mut self, tables: &Mirror) -> Result<(), Error> {
        let header = [
            "p_klas",
            "scoodle_id",
            "instelnr",
            "vestnrdiscimus",
            "hfdstructuur",
            "schooljaar",
            "klascode",
            "klas",
            "groeptype",
            "changed",
        ];
        self.table("klassen.csv", header, &tables.klassen, |row| {
            [
                row.p_klas.to_string(),
                id(row.scoodle_id, row.p_klas),
                row.instelnr.clone(),
                row.vestnrdiscimus.to_string(),
                row.hfdstructuur.clone(),
                row.schooljaar.clone(),
                row.klascode.clone(),
                text(row.klas.as_ref()),
                row.groeptype.to_string(),
                instant(row.changed),
            ]
        })?;
        let header = [
            "p_inschrklas",
            "p_inschr",
            "p_klas",
            "vandatum",
            "totdatum",
            "changed",
        ];
        self.table("inschrklas.csv", header, &tables.inschrklas, |row| {
            [
                row.p_inschrklas.to_string(),
                row.p_inschr.to_string(),
                row.p_klas.to_string(),
                day(Some(row.vandatum)),
                day(row.totdatum),
                instant(row.changed),
            ]
        })
    }

    fn staff(&mut self, tables: &Mirror) -> Result<(), Error> {
        let header = [
            "p_opdracht",
            "p_persoon",
            "instelnr",
            "vestnrdiscimus",
            "hfdstructuur",
            "begindatum",
            "einddatum",
            "changed",
        ];
        self.table("opdracht.csv", header, &tables.opdracht, |row| {
            [
                row.p_opdracht.to_string(),
                row.p_persoon.to_string(),
                row.instelnr.clone(),
                row.vestnrdiscimus
                    .map(|number| number.to_string())
                    .unwrap_or_default(),
                text(row.hfdstructuur.as_ref()),
                day(row.begindatum),
                day(row.einddatum),
                instant(row.changed),
            ]
        })?;
        let header = [
            "p_klasfunctiepersoon",
            "p_persoon",
            "p_klas",
            "p_klasfunctie",
            "begindatum",
            "einddatum",
            "changed",
        ];
        self.table(
            "klasfunctiepersoon.csv",
            header,
            &tables.klasfunctiepersoon,
            |row| {
                [
                    row.p_klasfunctiepersoon.to_string(),
                    row.p_persoon.to_string(),
                    row.p_klas.to_string(),
                    row.p_klasfunctie.to_string(),
                    day(row.begindatum),
                    day(row.einddatum),
                    instant(row.changed),
                ]
            },
        )
    }
}

/// Writes an id; of a hundred rows one in capitals, as Informat's own lists have them.
fn id(id: Uuid, key: i64) -> String {
    let text = id.to_string();
    if key % 100 == 7 { text.to_uppercase() } else { text }
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn day(value: Option<NaiveDate>) -> String {
    value.map(|day| day.to_string()).unwrap_or_default()
}

fn instant(value: Option<DateTime<Utc>>) -> String {
    value
        .map(|instant| instant.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}

/// Writes an instant with the offset of summer time in Brussels; extractions are made in July.
fn in_summer_time(instant: DateTime<Utc>) -> String {
    FixedOffset::east_opt(2 * 3600).map_or_else(
        || instant.to_rfc3339(),
        |offset| instant.with_timezone(&offset).to_rfc3339(),
    )
}

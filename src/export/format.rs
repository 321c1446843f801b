//! The formats, and the files of each.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use serde::Serialize;

use super::table::{Table, clever, oneroster_csv, sds_v1, sds_v2};

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Format {
    /// School Data Sync, version 1.
    #[serde(rename = "sds-v1")]
    SdsV1,
    /// Its variant for tenants in the United Kingdom.
    #[serde(rename = "sds-v1-uk")]
    SdsV1Uk,
    /// School Data Sync, version 2.1.
    #[serde(rename = "sds-v2.1")]
    SdsV21,
    /// The CSV binding of OneRoster 1.1.
    #[serde(rename = "oneroster-csv")]
    OneRosterCsv,
    /// Clever's.
    #[serde(rename = "clever")]
    Clever,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [
        Self::SdsV1,
        Self::SdsV1Uk,
        Self::SdsV21,
        Self::OneRosterCsv,
        Self::Clever,
    ];

    /// Returns its name, as commands and addresses have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SdsV1 => "sds-v1",
            Self::SdsV1Uk => "sds-v1-uk",
            Self::SdsV21 => "sds-v2.1",
            Self::OneRosterCsv => "oneroster-csv",
            Self::Clever => "clever",
        }
    }

    /// Returns its files, each after those it refers to.
    pub const fn tables(self) -> &'static [&'static Table] {
        match self {
            Self::SdsV1 => sds_v1::TABLES,
            Self::SdsV1Uk => sds_v1::UK_TABLES,
            Self::SdsV21 => sds_v2::TABLES,
            Self::OneRosterCsv => oneroster_csv::TABLES,
            Self::Clever => clever::TABLES,
        }
    }

    /// Returns `true` if it is one of the two in which each file has a limit of rows.
    pub const fn is_sds_v1(self) -> bool {
        matches!(self, Self::SdsV1 | Self::SdsV1Uk)
    }

    /// Returns `true` if its files have a place for passwords that a consumer reads.
    pub const fn takes_passwords(self) -> bool {
        matches!(self, Self::SdsV1 | Self::SdsV1Uk | Self::SdsV21)
    }

    /// Returns `true` if a file of this name belongs to it.
    pub fn has_file(self, name: &str) -> bool {
        self.tables().iter().any(|table| table.file == name)
    }
}

impl Display for Format {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no format {0:?}; the formats are sds-v1, sds-v1-uk, sds-v2.1, oneroster-csv and clever")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_goes_by_one_name_everywhere() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
            assert!(UnknownFormat(String::new()).to_string().contains(format.name()));
        }
        for wrong in ["SDS-V1", "sds-v2", "", "csv"] {
            assert!(wrong.parse::<Format>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_table_knows_its_columns() {
        for table in Format::ALL.iter().flat_map(|format| format.tables()) {
            let columns = table.header.split(',').count();
            let named = table.kinds.iter().map(|(column, _)| column).chain(table.key);
            for column in named {
                assert!(*column < columns, "{}: {column}", table.file);
            }
        }
    }
}

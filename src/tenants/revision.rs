//! Which change of a configuration is newer: what is stored, a tenant file, or what somebody sees on the desk.

use sqlx::PgConnection;

use super::{Error, OlderFile};

/// Where a configuration comes from that is to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A tenant file, with the revision that it says it was written from.
    File {
        /// That revision; `None` if it says none.
        revision: Option<i64>,
    },
    /// The desk, with the revision that the page showed.
    Desk {
        /// That revision.
        revision: i64,
    },
}

/// How often a stored configuration was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// Counts the changes from 1.
    pub number: i64,
    /// Whether somebody changed it on the desk since a file was last applied.
    pub is_changed_on_desk: bool,
}

impl Revision {
    /// Returns why a configuration is older than the stored one, if it is.
    pub(super) fn older(self, source: Source) -> Option<OlderFile> {
        match source {
            Source::File { revision: Some(file) } | Source::Desk { revision: file } => {
                let stored = self.number;
                (file < stored).then_some(OlderFile::Revision { file, stored })
            }
            Source::File { revision: None } => self.is_changed_on_desk.then_some(OlderFile::ChangedOnDesk),
        }
    }
}

/// Returns the revision of a tenant's configuration. In the tenant's scope.
pub async fn revision(connection: &mut PgConnection, tenant_id: &str) -> Result<Revision, Error> {
    sqlx::query_as!(
        Revision,
        "select revision as number, changed_on_desk as is_changed_on_desk from tenant.tenant where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::Unknown(tenant_id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_older_if_somebody_changed_the_tenant_since() {
        let stored = |is_changed_on_desk| Revision {
            number: 3,
            is_changed_on_desk,
        };
        let older = OlderFile::Revision { file: 2, stored: 3 };
        for (is_changed_on_desk, source, expected) in [
            (false, Source::File { revision: None }, None),
            (
                true,
                Source::File { revision: None },
                Some(OlderFile::ChangedOnDesk),
            ),
            (true, Source::File { revision: Some(3) }, None),
            (false, Source::File { revision: Some(2) }, Some(older)),
            (true, Source::Desk { revision: 3 }, None),
            (false, Source::Desk { revision: 2 }, Some(older)),
        ] {
            assert_eq!(stored(is_changed_on_desk).older(source), expected, "{source:?}");
        }
    }
}

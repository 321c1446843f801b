//! The report of `oneroster migrate`.

use std::fmt::{Display, Formatter};

use serde::Serialize;

use super::words::counted;

/// A database that is up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationsReport {
    /// How many migrations it has.
    pub migrations: usize,
}

impl Display for MigrationsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let migrations = counted(self.migrations, "migration", "migrations");
        write!(formatter, "the database is up to date: {migrations}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot;

    #[test]
    fn a_migrated_database_is_reported_with_its_migrations() {
        snapshot::assert("migrate", &MigrationsReport { migrations: 10 });
    }
}

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

/// What an administrator of a cluster runs once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RolesReport {
    /// The statements; `null` for an embedded Postgres, which has everything.
    pub statements: Option<String>,
}

impl Display for RolesReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let nothing = "-- nothing: the embedded Postgres has its roles";
        formatter.write_str(self.statements.as_deref().unwrap_or(nothing))
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
    #[test]
    fn the_statements_for_an_administrator_are_printed_as_they_are() {
        let statements = Some("create role a;\ncreate role b;".to_owned());
        snapshot::assert("migrate_print_roles", &RolesReport { statements });
        snapshot::assert("migrate_print_no_roles", &RolesReport { statements: None });
    }
}

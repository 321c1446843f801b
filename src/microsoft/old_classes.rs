//! Which classes were published in which school year, as far as history is kept, for whoever archives the Teams of one that is over (R146).

use std::collections::BTreeSet;

use oneroster_entra::usage::ClassYears;
use oneroster_standard::{Class, Kind, Moment, StatusType};
use sqlx::PgPool;

use crate::db::scope;
use crate::roster::{self, Generation, generations, retention, versions};
use crate::tenants;

/// The classes of a school year that is over cannot be told from those of the active one.
#[derive(Debug, thiserror::Error)]
pub enum OldClassesError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The tenant cannot be read.
    #[error(transparent)]
    Tenant(#[from] tenants::Error),
    /// What was published cannot be read.
    #[error("cannot tell what was published")]
    Roster(#[from] roster::Error),
    /// The content of a stored class cannot be read.
    #[error("the stored class {0} is not what this build writes")]
    Content(String, #[source] serde_json::Error),
    /// It is the active year.
    #[error("{0} is the active school year: its Teams are in use, and none of them is archived")]
    Active(String),
    /// Nothing was published in that year, as far as is known.
    #[error("nothing was published in {year}, as far as is known; the school years that are known: {known}")]
    Unknown {
        /// The year.
        year: String,
        /// Those that are known.
        known: String,
    },
    /// Part of that year is no longer kept.
    #[error(
        "{year} is no longer kept whole: history goes back to {since} (`history.days`), so classes of that year may be missing, or be \
         known by another name. Choose the rows by hand in the file of School Data Sync"
    )]
    Purged {
        /// The year.
        year: String,
        /// When the first state was published that is kept whole.
        since: Moment,
    },
}

/// The classes that were published, and the year that is active.
#[derive(Debug)]
pub struct OldClasses {
    /// Every class that is known, with the years it was published in.
    pub years: ClassYears,
    /// The active school year.
    pub active_year: String,
}

/// Reads the classes of every school year. Refuses the active year, one in which nothing was published, and one that history does
/// not have whole.
pub async fn old_classes(
    pool: &PgPool,
    tenant_id: &str,
    school_year: &str,
) -> Result<OldClasses, OldClassesError> {
    let mut transaction = scope::begin_look(pool, tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    let generations = generations::list(&mut transaction, tenant_id).await?;
    let whole_from = retention::whole_from(&mut transaction, tenant_id).await?;
    let active_year = configuration.active_school_year.to_string();
    if school_year == active_year {
        return Err(OldClassesError::Active(active_year));
    }
    is_whole(&generations, whole_from, school_year)?;
    let mut years = ClassYears::default();
    let mut kept = versions::of_kind(&mut transaction, tenant_id, Kind::Classes).await?;
    // A class is called as it was last.
    kept.sort_by_key(|version| version.from_number);
    for version in kept {
        let class: Class = serde_json::from_str(&version.content)
            .map_err(|source| OldClassesError::Content(version.sourced_id.clone(), source))?;
        if version.status == StatusType::ToBeDeleted {
            // What was removed before history begins is known by its tombstone, which says the year.
            for term in &class.terms {
                years.add(&version.sourced_id, &class.title, &term.sourced_id);
            }
            continue;
        }
        let is_of = |generation: &&Generation| {
            version.from_number <= generation.number
                && version.until_number.is_none_or(|until| generation.number < until)
        };
        // A version lasts for hundreds of generations, but for few school years.
        let of_version = generations.iter().filter(is_of);
        let in_years: BTreeSet<&str> = of_version
            .map(|generation| generation.school_year.as_str())
            .collect();
        for year in in_years {
            years.add(&version.sourced_id, &class.title, year);
        }
    }
    transaction.commit().await?;
    Ok(OldClasses { years, active_year })
}

/// Refuses a year that no generation is of, and one whose beginning is not kept: the state before it must be.
fn is_whole(generations: &[Generation], whole_from: i64, school_year: &str) -> Result<(), OldClassesError> {
    let known: BTreeSet<&str> = generations
        .iter()
        .map(|generation| generation.school_year.as_str())
        .collect();
    if !known.contains(school_year) {
        let known: Vec<&str> = known.into_iter().collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        return Err(OldClassesError::Unknown {
            year: school_year.to_owned(),
            known,
        });
    }
    let mut kept = generations
        .iter()
        .skip_while(|generation| generation.number < whole_from);
    let oldest = kept.next();
    let begins_within = oldest.is_some_and(|oldest| {
        oldest.school_year != school_year && kept.any(|generation| generation.school_year == school_year)
    });
    match oldest {
        Some(oldest) if whole_from > 1 && !begins_within => Err(OldClassesError::Purged {
            year: school_year.to_owned(),
            since: oldest.committed_at.into(),
        }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use uuid::Uuid;

    use super::*;
    use crate::roster::{InputVersions, Summary};

    fn generation(number: i64, school_year: &str) -> Generation {
        let day = NaiveDate::default();
        Generation {
            number,
            generation_id: Uuid::nil(),
            published_at: DateTime::default(),
            committed_at: DateTime::default(),
            school_year: school_year.to_owned(),
            reference_date: day,
            versions: InputVersions {
                mirror: 1,
                configuration: 1,
                usernames: 1,
                today: day,
                projection: 1,
            },
            group_name: None,
            summary: Summary::default(),
        }
    }

    #[test]
    fn r146_a_year_is_whole_if_the_state_before_it_is_kept_or_nothing_was_purged() {
        let generations = [
            generation(3, "2024-25"),
            generation(5, "2025-26"),
            generation(9, "2026-27"),
        ];
        for (whole_from, year, is_kept) in [
            (1, "2024-25", true),
            (3, "2024-25", false),
            (3, "2025-26", true),
            (5, "2025-26", false),
            (9, "2025-26", false),
        ] {
            let whole = is_whole(&generations, whole_from, year);
            assert_eq!(whole.is_ok(), is_kept, "{whole_from} {year}: {whole:?}");
        }
        let unknown = is_whole(&generations, 1, "2019-20").unwrap_err().to_string();
        assert!(unknown.contains("2024-25, 2025-26, 2026-27"), "{unknown}");
    }
}

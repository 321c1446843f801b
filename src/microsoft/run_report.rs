//! An error report of School Data Sync: each row to its person or class, grouped by code (R143). Nothing is changed.

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt;
use oneroster_entra::sds::{Counted, RunReport};
use oneroster_standard::{Class, Kind, RoleType, User};
use sqlx::{PgConnection, PgPool};

use crate::db::scope;
use crate::mirror;
use crate::roster::{self, counted, versions};
use crate::tenants;

/// The report could not be held against what was published.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The tenant cannot be read.
    #[error(transparent)]
    Tenant(#[from] tenants::Error),
    /// What was published cannot be read.
    #[error("cannot tell what was published")]
    Roster(#[from] roster::Error),
}

/// Who or what a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whom {
    /// Users or classes.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// What it is called.
    pub name: String,
    /// Whether it is published now.
    pub is_published: bool,
}

/// A row of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRow {
    /// Its line.
    pub line: u64,
    /// Who and what it is about; none if no id in it is known.
    pub about: Vec<Whom>,
    /// Its ids that are nobody's here.
    pub unknown_ids: Vec<String>,
    /// Its other cells.
    pub cells: Vec<String>,
}

/// The rows with one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The code, as Microsoft writes it; `None` = rows without one.
    pub code: Option<String>,
    /// In the order of the file.
    pub rows: Vec<ToldRow>,
}

/// A number of ours beside one of Microsoft's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What is counted.
    pub of: Counted,
    /// How many are published; `None` for what only Microsoft counts.
    pub published: Option<u64>,
    /// How many Microsoft counted.
    pub counted: u64,
    /// The words beside its number.
    pub label: String,
}

/// What a report comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// By code, the most rows first.
    pub groups: Vec<Group>,
    /// In the order of the file.
    pub counts: Vec<Comparison>,
    /// Rows of which nothing could be made.
    pub passed_over: u64,
}

/// Holds a report against Informat's data and what is published.
pub async fn tell(pool: &PgPool, tenant_id: &str, report: RunReport) -> Result<Told, Error> {
    let mut transaction = scope::begin_look(pool, tenant_id).await?;
    tenants::get(&mut transaction, tenant_id).await?;
    let known = Known::read(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    Ok(known.tell(report))
}

/// Everyone and everything that an id may mean.
#[derive(Default)]
struct Known {
    by_id: HashMap<String, Whom>,
    users: HashMap<RoleType, u64>,
    classes: u64,
    memberships: u64,
}

impl Known {
    async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Self, Error> {
        let mut known = Self::default();
        // Those that were never published have a name in Informat only.
        for named in mirror::named(connection, tenant_id).await? {
            known.add(named.kind, named.sourced_id, named.name, false);
        }
        for kind in [Kind::Users, Kind::Classes] {
            for version in versions::removed(connection, tenant_id, kind).await? {
                known.published(kind, version.sourced_id, &version.content, false);
            }
        }
        let kinds = [Kind::Users, Kind::Classes, Kind::Enrollments];
        let objects = counted::newest(connection, tenant_id, &kinds);
        let mut objects = std::pin::pin!(objects);
        while let Some(object) = objects.try_next().await? {
            known.published(object.kind, object.sourced_id, &object.content, true);
        }
        Ok(known)
    }

    fn published(&mut self, kind: Kind, sourced_id: String, content: &str, is_active: bool) {
        match kind {
            Kind::Users => {
                let Ok(user) = serde_json::from_str::<User>(content) else {
                    return;
                };
                let name = format!("{} {} ({})", user.given_name, user.family_name, user.username);
                if is_active {
                    *self.users.entry(user.role).or_default() += 1;
                }
                self.add(kind, sourced_id, name, is_active);
            }
            Kind::Classes => {
                let Ok(class) = serde_json::from_str::<Class>(content) else {
                    return;
                };
                self.classes += u64::from(is_active);
                self.add(kind, sourced_id, class.title, is_active);
            }
            Kind::Enrollments => self.memberships += u64::from(is_active),
            Kind::AcademicSessions | Kind::Orgs | Kind::Courses => {}
        }
    }

    fn add(&mut self, kind: Kind, sourced_id: String, name: String, is_published: bool) {
        let key = sourced_id.to_lowercase();
        let whom = Whom {
            kind,
            sourced_id,
            name,
            is_published,
        };
        self.by_id.insert(key, whom);
    }

    fn tell(&self, report: RunReport) -> Told {
        let mut groups: BTreeMap<Option<String>, Vec<ToldRow>> = BTreeMap::new();
        for row in report.rows {
            let about = row
                .ids
                .iter()
                .filter_map(|id| self.by_id.get(id))
                .cloned()
                .collect();
            let unknown_ids = row.ids.into_iter().filter(|id| !self.by_id.contains_key(id));
            groups.entry(row.code).or_default().push(ToldRow {
                line: row.place,
                about,
                unknown_ids: unknown_ids.collect(),
                cells: row.cells,
            });
        }
        let mut groups: Vec<Group> = groups
            .into_iter()
            .map(|(code, rows)| Group { code, rows })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.rows.len()));
        let counts = report.counts.into_iter().map(|count| Comparison {
            of: count.of,
            published: self.count(count.of),
            counted: count.number,
            label: count.label,
        });
        Told {
            groups,
            counts: counts.collect(),
            passed_over: report.passed_over,
        }
    }

    fn count(&self, of: Counted) -> Option<u64> {
        let users = |is_counted: fn(RoleType) -> bool| {
            let users = self.users.iter().filter(|(role, _)| is_counted(**role));
            Some(users.map(|(_, count)| count).sum())
        };
        match of {
            Counted::Users => users(|_| true),
            Counted::Pupils => users(|role| role == RoleType::Student),
            Counted::Staff => users(|role| role != RoleType::Student),
            Counted::Classes => Some(self.classes),
            Counted::Memberships => Some(self.memberships),
            Counted::Orgs | Counted::Unmatched | Counted::Errors | Counted::Warnings => None,
        }
    }
}

//! In what state everything is that the page for usernames depends on: a look that is cheap enough for every request.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// What the page depends on: while it is the same, so is the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListingState {
    /// Committed changes of the mirror.
    pub mirror: i64,
    /// Committed changes of the configuration.
    pub configuration: i64,
    /// Committed changes of the username records.
    pub usernames: i64,
    /// The newest change of a record: answers are changes that publish nothing.
    pub change_id: i64,
    /// The day in Brussels by the database's clock.
    pub today: NaiveDate,
    /// Number of the newest generation; 0 before the first.
    pub number: i64,
    /// When a run of a consumer was complete last.
    pub read_at: Option<DateTime<Utc>>,
}

impl ListingState {
    /// Returns `true` if the same people are at the same places.
    pub fn places_as(&self, other: &Self) -> bool {
        let inputs = |state: &Self| (state.mirror, state.configuration, state.today);
        inputs(self) == inputs(other)
    }

    /// Returns `true` if consumers were served and read the same.
    pub fn reads_as(&self, other: &Self) -> bool {
        (self.number, self.read_at) == (other.number, other.read_at)
    }

    /// Returns `true` if the same people are listed at the same places with the same records.
    pub fn lists_as(&self, other: &Self) -> bool {
        let records = |state: &Self| (state.usernames, state.change_id);
        self.places_as(other) && records(self) == records(other)
    }
}

/// Reads it, in one statement. The day is never before that of the last publication.
pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<ListingState, sqlx::Error> {
    sqlx::query_as!(
        ListingState,
        r#"select coalesce(max(version) filter (where input = 'mirror'), 0) as "mirror!",
                  coalesce(max(version) filter (where input = 'configuration'), 0) as "configuration!",
                  coalesce(max(version) filter (where input = 'usernames'), 0) as "usernames!",
                  coalesce((select max(change_id) from username.change where tenant_id = $1), 0) as "change_id!",
                  greatest((clock_timestamp() at time zone 'Europe/Brussels')::date,
                           (select max(today) from roster.evaluation where tenant_id = $1)) as "today!",
                  coalesce((select max(number) from roster.head where tenant_id = $1), 0) as "number!",
                  (select max(last_request_at) from synclog.run where tenant_id = $1 and is_complete) as read_at
           from tenant.input_version where tenant_id = $1"#,
        tenant_id
    )
    .fetch_one(connection)
    .await
}

//! The audit of decisions: what somebody decided, who, when, and about what.

use sqlx::PgConnection;

/// What somebody decided where the program would not decide by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: String,
    /// What.
    pub kind: DecisionKind,
    /// About what: ids and counts only.
    pub detail: serde_json::Value,
}

/// The kinds of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionKind {
    /// A held publication was released.
    Release,
    /// A held publication was discarded.
    Discard,
    /// A school year was activated.
    ActivateYear,
    /// A guard that refused an import was accepted.
    ImportAccepted,
    /// A username was handed over though names and birth dates say that they are two people.
    TransferForced,
    /// Usernames that were never served were made anew.
    Regenerate,
    /// Usernames that were never served were forgotten.
    Forget,
    /// A person was erased.
    PersonErased,
    /// Chosen objects were sent again.
    Touch,
    /// A former username of a person was forgotten.
    NameForgotten,
}

impl DecisionKind {
    /// The word as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Discard => "discard",
            Self::ActivateYear => "activate_year",
            Self::ImportAccepted => "import_accepted",
            Self::TransferForced => "transfer_forced",
            Self::Regenerate => "usernames_regenerated",
            Self::Forget => "usernames_forgotten",
            Self::PersonErased => "person_erased",
            Self::Touch => "sent_again",
            Self::NameForgotten => "name_forgotten",
        }
    }
}

/// Records a decision, in the transaction that carries it out.
pub async fn record_decision(
    connection: &mut PgConnection,
    tenant_id: &str,
    decision: &Decision,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into tenant.decision (tenant_id, decided_by, decision, detail) values ($1, $2, $3, $4)",
        tenant_id,
        decision.by,
        decision.kind.as_str(),
        decision.detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A decision on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDecision {
    /// When.
    pub decided_at: chrono::DateTime<chrono::Utc>,
    /// Who.
    pub decided_by: String,
    /// A [`DecisionKind`], as it is stored.
    pub decision: String,
    /// About what.
    pub detail: serde_json::Value,
}

/// That a person was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonErasure {
    /// The day, in Brussels.
    pub day: chrono::NaiveDate,
    /// Who did it; `system` after `history.people_retention_days`.
    pub by: String,
}

/// Returns when a person was erased last, and by whom; `None` if they never were.
pub async fn erasure_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: uuid::Uuid,
) -> Result<Option<PersonErasure>, sqlx::Error> {
    sqlx::query_as!(
        PersonErasure,
        r#"select (decided_at at time zone 'Europe/Brussels')::date as "day!", decided_by as by from tenant.decision
           where tenant_id = $1 and decision = $2 and detail ->> 'person' = $3
           order by decision_id desc limit 1"#,
        tenant_id,
        DecisionKind::PersonErased.as_str(),
        person.to_string()
    )
    .fetch_optional(connection)
    .await
}

/// Returns what was decided about a tenant, the oldest first.
pub async fn decisions(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<RecordedDecision>, sqlx::Error> {
    sqlx::query_as!(
        RecordedDecision,
        "select decided_at, decided_by, decision, detail from tenant.decision
         where tenant_id = $1 order by decision_id",
        tenant_id
    )
    .fetch_all(connection)
    .await
}

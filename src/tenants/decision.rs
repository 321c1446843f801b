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

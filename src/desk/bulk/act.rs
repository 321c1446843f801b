//! Doing a bulk change to exactly the people who were shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::chosen::{Chosen, Whom};
use super::preview::Passed;
use super::{Bulk, BulkError};
use crate::accounts::{self, Author, BulkOrder, Reason};
use crate::desk::list::Seen;

/// How often people are chosen again when something changed in the moment between choosing and doing.
const ATTEMPTS: usize = 5;

/// A bulk change, with what its preview said.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// On or off.
    pub on: bool,
    /// Whom it means.
    pub people: Whom,
    /// How many people the preview said.
    pub count: usize,
    /// The fingerprint that the preview gave.
    pub fingerprint: String,
    /// Why, if they want to say.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Acted {
    /// The operation, by which it can be taken back.
    pub operation: Uuid,
    /// How many flags changed.
    pub changed: usize,
    /// Who was passed over, the first hundred.
    pub passed_over: Vec<Passed>,
    /// How many were passed over.
    pub passed_over_count: usize,
}

impl Bulk<'_> {
    /// Switches the flags of exactly the people who were shown, as one operation. Refused with the difference when they, or how
    /// far one of them is, are not as they were.
    pub async fn act(&self, by: &Author, order: &Order, reason: Option<&Reason>) -> Result<Acted, BulkError> {
        for _ in 0..ATTEMPTS {
            let view = self.lists.get(self.tenant_id).await?;
            let seen = Seen::new(&view, self.rights);
            let chosen = Chosen::of(&seen, &order.people)?;
            if chosen.people.len() != order.count || chosen.fingerprint(order.on) != order.fingerprint {
                let asked = (order.fingerprint.as_str(), order.count);
                let difference = self.choices.difference(asked, &chosen);
                let preview = self.preview_of(order.on, &view, &chosen).await?;
                return Err(BulkError::Changed {
                    difference,
                    preview: Box::new(preview),
                });
            }
            let people = chosen.ids();
            let bulk = BulkOrder {
                on: order.on,
                people: &people,
                state: *view.state(),
                reason,
            };
            // Within its transaction it looks whether the view still holds.
            let done = accounts::bulk_sync(self.lists.pool(), self.tenant_id, by, &bulk).await?;
            if let Some(done) = done {
                let (passed_over, passed_over_count) = self.passed_over(&seen, order.on, &chosen);
                return Ok(Acted {
                    operation: done.operation,
                    changed: done.changed.len(),
                    passed_over,
                    passed_over_count,
                });
            }
        }
        Err(BulkError::Busy)
    }
}

//! The last bulk change, and taking it back.

use std::collections::HashSet;

use oneroster_school::rights::Access;
use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::preview::Passed;
use super::{Bulk, BulkError};
use crate::accounts::{self, Author, NotUndone, Operation};
use crate::desk::language::text_with;
use crate::desk::list::{Seen, View};

/// Among so many of the newest operations the last one is looked for that somebody may take back.
const OPERATIONS_MAX: u32 = 20;

/// How many of those for whom nothing was taken back are named.
const NAMED_MAX: usize = 100;

/// The last bulk change at somebody's places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LastBulk {
    /// The operation.
    pub operation: Uuid,
    /// Whether it switched the flags on.
    pub on: bool,
    /// Who did it.
    pub by: String,
    /// When.
    #[schemars(with = "String")]
    pub at: Moment,
    /// Why, in their words.
    pub reason: Option<String>,
    /// How many flags it changed that who asks may change.
    pub count: usize,
    /// Whether it can be taken back.
    pub undoable: bool,
}

/// What was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UndoAnswer {
    /// How many flags are again as they were.
    pub undone: usize,
    /// For whom something came in between, the first hundred.
    pub refused: Vec<Passed>,
    /// For how many something came in between.
    pub refused_count: usize,
    /// How many Microsoft read meanwhile as the bulk change had made them.
    pub read_meanwhile: usize,
    /// The same in words.
    pub message: Vec<String>,
}

impl Bulk<'_> {
    /// Returns the last bulk change that switched a flag which who asks may change.
    pub async fn last(&self) -> Result<Option<LastBulk>, BulkError> {
        let view = self.lists.get(self.tenant_id).await?;
        let last = self.last_of(&view).await?;
        Ok(last.map(|(operation, people)| LastBulk {
            operation: operation.operation,
            on: operation.on,
            by: operation.by,
            at: Moment::from(operation.at),
            reason: operation.reason,
            count: people.len(),
            undoable: !operation.is_undone && operation.undoes.is_none(),
        }))
    }

    async fn last_of(&self, view: &View) -> Result<Option<(Operation, HashSet<Uuid>)>, BulkError> {
        let pool = self.lists.pool();
        for operation in accounts::last_operations(pool, self.tenant_id, OPERATIONS_MAX).await? {
            let people = self.people_of(view, operation.operation).await?;
            if !people.is_empty() {
                return Ok(Some((operation, people)));
            }
        }
        Ok(None)
    }

    /// Returns the people of an operation whom who asks may change.
    async fn people_of(&self, view: &View, operation: Uuid) -> Result<HashSet<Uuid>, BulkError> {
        let people = accounts::operation_people(self.lists.pool(), self.tenant_id, operation).await?;
        let seen = Seen::new(view, self.rights);
        let mine = people
            .into_iter()
            .filter(|id| seen.access_to(*id) == Access::Write);
        Ok(mine.collect())
    }

    /// Takes the last bulk change back, for each person unless something came in between. An operation that is not the last one
    /// at the places of who asks is as unknown as any.
    pub async fn undo(&self, by: &Author, operation: Uuid) -> Result<UndoAnswer, BulkError> {
        let view = self.lists.get(self.tenant_id).await?;
        let last = self.last_of(&view).await?;
        let is_it = |last: &(Operation, HashSet<Uuid>)| {
            last.0.operation == operation && last.0.undoes.is_none() && !last.0.is_undone
        };
        let (last, people) = last.filter(is_it).ok_or(BulkError::NotFound)?;
        let undone = accounts::undo(self.lists.pool(), self.tenant_id, by, operation, &people).await?;
        let seen = Seen::new(&view, self.rights);
        let read = undone.changed.iter();
        let read_meanwhile = read.filter(|id| seen.was_read_as(**id, last.on, last.at)).count();
        let refused: Vec<Passed> = undone
            .refused
            .iter()
            .take(NAMED_MAX)
            .map(|refused| self.refused(&seen, refused))
            .collect();
        let counted = |key: &str, count: usize| {
            let line = || text_with(self.language, key, [("count", count.into())]);
            (count > 0).then(line)
        };
        let message = [
            counted("list-undo-undone", undone.changed.len()),
            counted("list-undo-refused", undone.refused.len()),
            counted(
                if last.on {
                    "list-undo-read-on"
                } else {
                    "list-undo-read-off"
                },
                read_meanwhile,
            ),
        ];
        Ok(UndoAnswer {
            undone: undone.changed.len(),
            refused,
            refused_count: undone.refused.len(),
            read_meanwhile,
            message: message.into_iter().flatten().collect(),
        })
    }

    fn refused(&self, seen: &Seen<'_>, refused: &NotUndone) -> Passed {
        Passed {
            id: refused.rowguid,
            name: seen.name(refused.rowguid),
            reason: text_with(
                self.language,
                "list-undo-between",
                [
                    ("by", refused.by.clone().into()),
                    ("at", Moment::from(refused.at).on_page().into()),
                ],
            ),
        }
    }
}

//! What a bulk change will do, before it is done.

use std::collections::HashSet;

use oneroster_school::rights::Access;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::chosen::{Chosen, Whom};
use super::{Bulk, BulkError};
use crate::desk::language::{text, text_with};
use crate::desk::list::{Seen, View};
use crate::publication::{FlagConsequences, flag_consequences};
use crate::roster::Reason;

/// How many of those who are passed over are named.
const NAMED_MAX: usize = 100;

/// What a bulk change will do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Preview {
    /// How many people are meant: those who may be changed by who asks.
    pub count: usize,
    /// Of exactly these people and how far each is.
    pub fingerprint: String,
    /// How many flags change.
    pub changes: usize,
    /// How many have that flag already.
    pub unchanged: usize,
    /// How many accounts Microsoft makes that it never had.
    pub accounts_made: usize,
    /// How many people leave a Team at a place that may be seen.
    pub leave_teams: usize,
    /// How many such Teams they leave.
    pub teams_left: usize,
    /// Who is passed over, the first hundred.
    pub passed_over: Vec<Passed>,
    /// How many are passed over.
    pub passed_over_count: usize,
    /// Whether the change waits until an operator lets it through.
    pub is_held: bool,
    /// Why the next publication will be held, if it will be.
    pub held: Vec<Held>,
    /// The same in words.
    pub message: Vec<String>,
}

/// Somebody who is passed over, or for whom something is not taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Passed {
    /// Who.
    pub id: Uuid,
    /// What they are called.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// A test of the brake that the next publication fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Held {
    /// The test.
    pub test: &'static str,
    /// The org; `None` = all together.
    pub org: Option<String>,
    /// How many there are; `None` to who may not see all of them.
    pub before: Option<usize>,
    /// How many would be left; `None` likewise.
    pub after: Option<usize>,
    /// The same in words.
    pub message: String,
}

impl Bulk<'_> {
    /// Tells what switching the flags of these people on or off will do. Nothing is changed.
    pub async fn preview(&self, on: bool, whom: &Whom) -> Result<Preview, BulkError> {
        let view = self.lists.get(self.tenant_id).await?;
        let seen = Seen::new(&view, self.rights);
        let chosen = Chosen::of(&seen, whom)?;
        self.preview_of(on, &view, &chosen).await
    }

    pub(super) async fn preview_of(
        &self,
        on: bool,
        view: &View,
        chosen: &Chosen,
    ) -> Result<Preview, BulkError> {
        let fingerprint = chosen.fingerprint(on);
        self.choices.remember(&fingerprint, chosen);
        let changing = |id: &Uuid| {
            let standing = chosen.people.get(id);
            standing.is_some_and(|standing| standing.is_on != on && !(on && standing.waits_for.is_some()))
        };
        let ids = chosen.ids();
        let changes: HashSet<Uuid> = ids.iter().copied().filter(changing).collect();
        let count = changes.len();
        let unchanged = chosen
            .people
            .values()
            .filter(|standing| standing.is_on == on)
            .count();
        let seen = Seen::new(view, self.rights);
        let (passed_over, passed_over_count) = self.passed_over(&seen, on, chosen);
        let follows = if changes.is_empty() {
            FlagConsequences::default()
        } else {
            let follows = flag_consequences(self.lists.pool(), self.tenant_id, on, changes).await?;
            follows.unwrap_or_default()
        };
        // Who is at a place that is not seen leaves a Team there too, which is not counted.
        let left = follows.teams_left.iter();
        let left = left.filter(|left| self.rights.org_access(&left.org) >= Access::Read);
        let leavers: HashSet<&str> = left.clone().map(|left| left.user.as_str()).collect();
        let teams: HashSet<&str> = left.map(|left| left.class.as_str()).collect();
        let is_new = |id: &&String| {
            let id = id.parse().ok();
            id.is_some_and(|id| !seen.is_served(id))
        };
        let mut preview = Preview {
            count: chosen.people.len(),
            fingerprint,
            changes: count,
            unchanged,
            accounts_made: follows.come.iter().filter(is_new).count(),
            leave_teams: leavers.len(),
            teams_left: teams.len(),
            passed_over,
            passed_over_count,
            is_held: follows.is_held || !follows.held.is_empty(),
            held: follows
                .held
                .iter()
                .filter_map(|reason| self.held(reason))
                .collect(),
            message: Vec::new(),
        };
        preview.message = self.words(on, &preview, !follows.held.is_empty(), follows.is_held);
        Ok(preview)
    }

    /// Names who is passed over: who waits, and who may only be seen.
    pub(super) fn passed_over(&self, seen: &Seen<'_>, on: bool, chosen: &Chosen) -> (Vec<Passed>, usize) {
        let waiting = chosen.people.iter().filter(|_| on).filter_map(|(id, standing)| {
            let reason = standing.waits_for?;
            Some((*id, format!("list-waits-{}", reason.as_str().replace('_', "-"))))
        });
        let read_only = chosen.read_only.iter();
        let read_only = read_only.map(|id| (*id, "list-refused-read-only".to_owned()));
        let all: Vec<(Uuid, String)> = waiting.chain(read_only).collect();
        let named = all.iter().take(NAMED_MAX).map(|(id, key)| Passed {
            id: *id,
            name: seen.name(*id),
            reason: text(self.language, key),
        });
        (named.collect(), all.len())
    }

    /// Tells of a test that fails, if it is about an org that may be seen or about all.
    fn held(&self, reason: &Reason) -> Option<Held> {
        let is_seen = match &reason.org {
            Some(org) => self.rights.org_access(org) >= Access::Read,
            None => self.rights.is_operator(),
        };
        if reason.org.is_some() && !is_seen {
            return None;
        }
        let key = format!("list-held-{}", reason.test.as_str().replace('_', "-"));
        let what = text(self.language, &key);
        let message = if is_seen {
            let place = reason.org.clone().unwrap_or_default();
            let key = if reason.org.is_some() {
                "list-held-counted-at"
            } else {
                "list-held-counted"
            };
            text_with(
                self.language,
                key,
                [
                    ("what", what.into()),
                    ("org", place.into()),
                    ("before", reason.before.into()),
                    ("after", reason.after.into()),
                ],
            )
        } else {
            what
        };
        Some(Held {
            test: reason.test.as_str(),
            org: reason.org.clone(),
            before: is_seen.then_some(reason.before),
            after: is_seen.then_some(reason.after),
            message,
        })
    }

    fn words(&self, on: bool, preview: &Preview, will_be_held: bool, is_held: bool) -> Vec<String> {
        let counted = |key: &str, count: usize| text_with(self.language, key, [("count", count.into())]);
        let lines = [
            (
                true,
                counted(if on { "list-bulk-on" } else { "list-bulk-off" }, preview.changes),
            ),
            (
                preview.unchanged > 0,
                counted("list-bulk-unchanged", preview.unchanged),
            ),
            (
                preview.accounts_made > 0,
                counted("list-bulk-accounts-made", preview.accounts_made),
            ),
            (
                preview.leave_teams > 0,
                text_with(
                    self.language,
                    "list-bulk-leave-teams",
                    [
                        ("count", preview.leave_teams.into()),
                        ("teams", preview.teams_left.into()),
                    ],
                ),
            ),
            (
                preview.passed_over_count > 0,
                counted("list-bulk-passed-over", preview.passed_over_count),
            ),
            (will_be_held, text(self.language, "list-bulk-will-be-held")),
            (is_held && !will_be_held, text(self.language, "list-bulk-is-held")),
        ];
        let said = lines.into_iter().filter(|(is_so, _)| *is_so);
        said.map(|(_, line)| line).collect()
    }
}

//! What is different between two days.

use chrono::NaiveDate;
use oneroster_standard::Kind;

use super::reason;
use super::sight::Sight;
use super::words::{self, Of};
use crate::desk::error::DeskError;
use crate::desk::language::text_with;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::history::{self, Compared};

/// How many differences are listed.
const LISTED_MAX: usize = 500;

/// What is different between two days.
pub(in crate::desk) struct Differences {
    /// The differences: people first, then classes and who is in them.
    pub(in crate::desk) listed: Vec<Difference>,
    /// How many more there are.
    pub(in crate::desk) left_off: usize,
}

/// One object that is different.
pub(in crate::desk) struct Difference {
    /// What, in one sentence.
    pub(in crate::desk) text: String,
    /// Why, step by step.
    pub(in crate::desk) why: String,
}

/// Compares what consumers were shown at the ends of two days. `None` where nothing is kept of one of them.
pub(in crate::desk) async fn two_moments(
    desk: &Desk,
    user: &TenantUser,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Option<Differences>, DeskError> {
    let Some(range) = history::range_of_days(&desk.pool, &user.tenant_id, (from, to)).await? else {
        return Ok(None);
    };
    if range.from == range.to {
        return Ok(Some(Differences {
            listed: Vec::new(),
            left_off: 0,
        }));
    }
    let comparison = match history::between(&desk.pool, &user.tenant_id, range).await {
        Ok(comparison) => comparison,
        Err(
            history::Error::UnknownGeneration { .. }
            | history::Error::WrongOrder { .. }
            | history::Error::NotPublished,
        ) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let sight = Sight {
        language: user.user.language,
        rights: &user.rights,
        names: &comparison.names,
    };
    let mut differences: Vec<(Kind, Difference)> = comparison
        .objects
        .iter()
        .filter_map(|object| Some((object.kind, difference(&sight, object)?)))
        .collect();
    let order = |kind: Kind| match kind {
        Kind::Users => 0,
        Kind::Enrollments => 1,
        Kind::Classes => 2,
        Kind::Orgs | Kind::Courses | Kind::AcademicSessions => 3,
    };
    differences.sort_by(|(one, first), (other, second)| {
        (order(*one), &first.text).cmp(&(order(*other), &second.text))
    });
    let left_off = differences.len().saturating_sub(LISTED_MAX) + hidden_count(user, comparison.not_listed);
    let listed = differences.into_iter().take(LISTED_MAX);
    Ok(Some(Differences {
        listed: listed.map(|(_, difference)| difference).collect(),
        left_off,
    }))
}

/// What was left off of all places is told to whoever may see all places.
const fn hidden_count(user: &TenantUser, not_listed: usize) -> usize {
    if user.rights.is_operator() { not_listed } else { 0 }
}

fn difference(sight: &Sight<'_>, object: &Compared) -> Option<Difference> {
    let steps = || object.steps.iter().filter(|step| sight.sees_any(&step.orgs));
    steps().next()?;
    let key = words::key(object.kind, object.happening, Of::Everything)?;
    let known = || steps().flat_map(|step| &step.reasons);
    let why: Vec<String> = known()
        .filter_map(|told| reason::in_words(sight, &told.reason))
        .collect();
    if words::is_elsewhere(object.kind, object.happening, (known().count(), why.len())) {
        return None;
    }
    Some(Difference {
        text: text_with(sight.language, key, [("what", object.label.as_str().into())]),
        why: why.join("; "),
    })
}

//! The guided swap of two usernames (R140).

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawPathParams, State};
use chrono::{DateTime, Utc};
use fluent_templates::fluent_bundle::FluentValue;
use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::Body;
use crate::accounts::{self, ReadNames, Refusal, Swap, SwapAction, SwapRefusal, SwapSide, SwapStep};
use crate::desk::dates;
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text, text_with};
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::search::{Asker, Known};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// A step to take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct SwapOrder {
    /// Who gets the name of the other.
    a: Uuid,
    /// The other.
    b: Uuid,
    /// The name that the other gets; none = that of the first. With `begin` only.
    #[serde(default)]
    b_gets: Option<String>,
    /// What is done.
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// Give the temporary names.
    Begin,
    /// The aliases are removed.
    Alias,
    /// Give the final names.
    Final,
    /// Give the former names again.
    Cancel,
}

/// The swap of a person.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct SwapAnswer {
    /// Whether who asks may change the person's name.
    may_write: bool,
    /// The swap that has not ended, or that was just taken a step further.
    swap: Option<ShownSwap>,
}

/// A swap.
#[derive(Debug, Serialize, JsonSchema)]
struct ShownSwap {
    /// `temporary`, `alias`, `done` or `cancelled`.
    step: &'static str,
    /// Whether Microsoft has read the temporary names.
    read: bool,
    /// Until when the next step waits, for Microsoft to give the names to the accounts.
    #[schemars(with = "Option<String>")]
    waits_until: Option<Moment>,
    /// When it began.
    #[schemars(with = "Option<String>")]
    began_at: Option<Moment>,
    /// Who gets the name of the other.
    a: ShownSide,
    /// The other.
    b: ShownSide,
    /// What to remove in Microsoft 365, in words.
    aliases: Vec<String>,
    /// What comes next, in words.
    next: String,
    /// Whether who asks may take the steps.
    may_write: bool,
}

/// One of the two.
#[derive(Debug, Serialize, JsonSchema)]
struct ShownSide {
    /// The person's id; none for somebody whom who asks may not see.
    person: Option<String>,
    /// What they are called.
    label: String,
    /// The name before.
    from: String,
    /// The name meanwhile.
    temporary: String,
    /// The name afterwards.
    to: String,
}

/// Answers the swap of a person.
pub(super) async fn find(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    path: RawPathParams,
) -> Result<Json<SwapAnswer>, ApiError> {
    let id = path.iter().find(|(name, _)| *name == "id");
    let person = id.and_then(|(_, id)| Uuid::try_parse(id).ok());
    let person = person.ok_or(DeskError::NotFound)?;
    let known = desk.directories.get(&user.tenant_id).await?;
    let asker = asker(&user);
    let may_write = known.may_write(&asker, person)?.ok_or(DeskError::NotFound)?;
    let swap = accounts::find_swap(&desk.pool, &user.tenant_id, person).await?;
    let swap = swap.map(|swap| shown(&known, &asker, &swap)).transpose()?;
    Ok(Json(SwapAnswer { may_write, swap }))
}

/// Takes a step.
pub(super) async fn step(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(order): Body<SwapOrder>,
) -> Result<Json<SwapAnswer>, ApiError> {
    let known = desk.directories.get(&user.tenant_id).await?;
    let asker = asker(&user);
    for person in [order.a, order.b] {
        if !known.may_write(&asker, person)?.ok_or(DeskError::NotFound)? {
            let message = text(asker.language, "swap-refused-read-only");
            return Err(Refused::forbidden("read-only", message, None).into());
        }
    }
    let action = match order.action {
        Action::Begin => SwapAction::Begin {
            other_gets: order.b_gets,
        },
        Action::Alias => SwapAction::AliasesRemoved,
        Action::Final => SwapAction::Finish,
        Action::Cancel => SwapAction::Cancel,
    };
    let by = user.user.author()?;
    let people = (order.a, order.b);
    let swap = accounts::swap(&desk.pool, &user.tenant_id, &by, people, &action)
        .await
        .map_err(|error| refused(asker.language, error))?;
    Ok(Json(SwapAnswer {
        may_write: true,
        swap: Some(shown(&known, &asker, &swap)?),
    }))
}

/// Returns what a text names as `$moment`.
fn named_moment(at: DateTime<Utc>) -> (&'static str, FluentValue<'static>) {
    ("moment", dates::moment(at).into())
}

fn asker(user: &TenantUser) -> Asker {
    Asker {
        rights: user.rights.clone(),
        language: user.user.language,
    }
}

fn refused(language: Language, error: accounts::Error) -> ApiError {
    if let accounts::Error::Refused(Refusal::Swap(refusal @ SwapRefusal::TooSoon { offered_at })) = &error {
        let message = text_with(language, refusal_key(refusal), [named_moment(*offered_at)]);
        return Refused::unprocessable(refusal.rule(), message, None).into();
    }
    let (code, key) = match &error {
        accounts::Error::Refused(Refusal::Swap(refusal)) => (refusal.rule(), refusal_key(refusal)),
        accounts::Error::Refused(refusal @ Refusal::Held { .. }) => (refusal.rule(), "swap-refused-held"),
        accounts::Error::Refused(refusal @ Refusal::Name(_)) => (refusal.rule(), "swap-refused-name"),
        accounts::Error::Database(_)
        | accounts::Error::Tenant(_)
        | accounts::Error::Usernames(_)
        | accounts::Error::Served(_)
        | accounts::Error::Projection(_)
        | accounts::Error::Workbook(_)
        | accounts::Error::Interrupted
        | accounts::Error::Refused(_) => return error.into(),
    };
    Refused::unprocessable(code, text(language, key), None).into()
}

const fn refusal_key(refusal: &SwapRefusal) -> &'static str {
    match refusal {
        SwapRefusal::SamePerson => "swap-refused-same-person",
        SwapRefusal::SameName => "swap-refused-same-name",
        SwapRefusal::InSwap => "swap-refused-under-way",
        SwapRefusal::NoSwap => "swap-refused-none",
        SwapRefusal::NotPublished => "swap-refused-not-published",
        SwapRefusal::NotRead => "swap-refused-not-read",
        SwapRefusal::TooSoon { .. } => "swap-refused-too-soon",
        SwapRefusal::AliasFirst => "swap-refused-alias-first",
        SwapRefusal::ChangedMeanwhile => "swap-refused-changed",
        SwapRefusal::NoTemporaryName => "swap-refused-no-temporary-name",
    }
}

fn shown(known: &Known, asker: &Asker, swap: &Swap) -> Result<ShownSwap, ApiError> {
    let language = asker.language;
    let side = |side: &SwapSide| {
        let label = known.label(asker, side.person);
        ShownSide {
            person: label.is_some().then(|| side.person.hyphenated().to_string()),
            label: label.unwrap_or_else(|| text(language, "swap-somebody-else")),
            from: side.from.clone(),
            temporary: side.temporary.clone(),
            to: side.to.clone(),
        }
    };
    let may = |person| Ok::<_, ApiError>(known.may_write(asker, person)? == Some(true));
    let aliases = swap.aliases().into_iter().map(|(side, alias)| {
        let arguments = [
            ("alias", alias.to_owned().into()),
            ("account", side.temporary.clone().into()),
        ];
        text_with(language, "swap-alias", arguments)
    });
    let next = match (swap.step, swap.read) {
        (SwapStep::Temporary, ReadNames::NotPublished) => "swap-next-publish",
        (SwapStep::Temporary, ReadNames::Published) => "swap-next-read",
        (SwapStep::Temporary, ReadNames::Read(_)) if swap.waits_until.is_some() => "swap-next-wait",
        (SwapStep::Temporary, ReadNames::Read(_)) => "swap-next-alias",
        (SwapStep::Alias, _) => "swap-next-final",
        (SwapStep::Done, _) => "swap-next-done",
        (SwapStep::Cancelled, _) => "swap-next-cancelled",
    };
    Ok(ShownSwap {
        step: swap.step.as_str(),
        read: matches!(swap.read, ReadNames::Read(_)),
        waits_until: swap.waits_until.map(Moment::from),
        began_at: swap.began_at.map(Moment::from),
        a: side(&swap.a),
        b: side(&swap.b),
        aliases: aliases.collect(),
        next: text_with(language, next, swap.waits_until.map(named_moment)),
        may_write: may(swap.a.person)? && may(swap.b.person)?,
    })
}

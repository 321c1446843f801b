//! `oneroster usernames swap`: two served usernames change hands, step by step.

use clap::{Args, ValueEnum};
use sqlx::PgPool;

use super::account::By;
use super::argument::Tenant;
use crate::accounts::{self, Author, Error, SwapAction};
use crate::report::swap::SwapReport;

/// Arguments of `usernames swap`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster usernames swap --tenant zandpoort jan.jansen bert.ameel")]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) tenant: Tenant,
    /// Who gets the name of the other, by sourcedId or username; at later steps also by the username from before the swap.
    a: String,
    /// The other, in the same ways.
    b: String,
    /// The name that the other gets; default: that of the first. With the first step only.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["cancel"])]
    b_gets: Option<String>,
    /// The step; default: begin, or tell where the swap of these two stands and what is next.
    #[arg(long, value_enum)]
    step: Option<Step>,
    /// Stop the swap: give the former names again.
    #[arg(long, conflicts_with = "step")]
    cancel: bool,
    #[command(flatten)]
    pub(super) by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Give the temporary names, also of a swap that was done lately; names that were never served change hands at once.
    Begin,
    /// Say that the aliases are removed in Microsoft 365.
    Alias,
    /// Give the final names.
    Final,
}

pub(super) async fn run(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    arguments: &Arguments,
) -> Result<SwapReport, Error> {
    let known = accounts::find_swap_of_two(pool, tenant_id, (&arguments.a, &arguments.b)).await?;
    let is_asked = arguments.step.is_none() && !arguments.cancel && arguments.b_gets.is_none();
    if let Some(swap) = known.as_ref().filter(|_| is_asked) {
        // Whoever asks again must not begin another swap, which would give the names back.
        return Ok(SwapReport::new(tenant_id, swap));
    }
    let open = known.as_ref().filter(|swap| swap.ended_at.is_none());
    let action = match arguments.step {
        _ if arguments.cancel => SwapAction::Cancel,
        Some(Step::Alias) => SwapAction::AliasesRemoved,
        Some(Step::Final) => SwapAction::Finish,
        None | Some(Step::Begin) => SwapAction::Begin {
            other_gets: arguments.b_gets.clone(),
        },
    };
    let people = match open {
        Some(swap) => (swap.a.person, swap.b.person),
        None => (
            accounts::find_person(pool, tenant_id, &arguments.a).await?,
            accounts::find_person(pool, tenant_id, &arguments.b).await?,
        ),
    };
    let swap = accounts::swap(pool, tenant_id, by, people, &action).await?;
    Ok(SwapReport::new(tenant_id, &swap))
}

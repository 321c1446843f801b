//! `oneroster usernames swap`: two served usernames change hands, step by step.

use clap::{Args, ValueEnum};
use sqlx::PgPool;

use super::account::By;
use super::argument::Tenant;
use crate::accounts::{self, Author, Error, Refusal, SwapAction, SwapRefusal};
use crate::report::swap::SwapReport;

/// Arguments of `usernames swap`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  oneroster usernames swap --tenant zandpoort --a jan.jansen --b bert.ameel"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) tenant: Tenant,
    /// Who gets the name of the other, by sourcedId or username.
    #[arg(long, value_name = "PERSON")]
    a: String,
    /// The other, by sourcedId or username.
    #[arg(long, value_name = "PERSON")]
    b: String,
    /// The name that the other gets; default: that of the first. With the first step only.
    #[arg(long, value_name = "NAME")]
    b_gets: Option<String>,
    /// The step; default: begin, or tell where the swap of these two stands.
    #[arg(long, value_enum)]
    step: Option<Step>,
    #[command(flatten)]
    pub(super) by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Give the temporary names; names that were never served change hands at once.
    Begin,
    /// Say that the aliases are removed in Microsoft 365.
    Alias,
    /// Give the final names.
    Final,
    /// Give the former names again.
    Cancel,
}

pub(super) async fn run(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    arguments: &Arguments,
) -> Result<SwapReport, Error> {
    let a = accounts::find_person(pool, tenant_id, &arguments.a).await?;
    let b = accounts::find_person(pool, tenant_id, &arguments.b).await?;
    let begin = SwapAction::Begin {
        other_gets: arguments.b_gets.clone(),
    };
    let action = match arguments.step {
        Some(Step::Begin) => begin,
        Some(Step::Alias) => SwapAction::AliasesRemoved,
        Some(Step::Final) => SwapAction::Finish,
        Some(Step::Cancel) => SwapAction::Cancel,
        None => {
            if let Some(swap) = accounts::find_swap(pool, tenant_id, a).await? {
                if [swap.a.person, swap.b.person].contains(&b) {
                    return Ok(SwapReport::new(tenant_id, &swap));
                }
                return Err(Error::Refused(Refusal::Swap(SwapRefusal::InSwap)));
            }
            begin
        }
    };
    let swap = accounts::swap(pool, tenant_id, by, (a, b), &action).await?;
    Ok(SwapReport::new(tenant_id, &swap))
}

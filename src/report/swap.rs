//! The report of `oneroster usernames swap`.

use std::fmt::{Display, Formatter};

use oneroster_standard::Moment;
use serde::Serialize;
use uuid::Uuid;

use super::words::printable;
use crate::accounts::{ReadNames, Swap, SwapSide, SwapStep};

/// Where a swap of two usernames stands, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwapReport {
    /// The tenant.
    pub tenant: String,
    /// `temporary`, `alias`, `done` or `cancelled`.
    pub step: &'static str,
    /// Whether a complete pull has read the temporary names.
    pub read: bool,
    /// When it began; `null` for names that were swapped at once.
    pub began_at: Option<Moment>,
    /// Who gets the name of the other.
    pub a: SwapPerson,
    /// The other.
    pub b: SwapPerson,
    /// The aliases to remove in Microsoft 365.
    pub aliases: Vec<SwapAlias>,
    /// What comes next.
    pub next: String,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwapPerson {
    /// The person.
    pub user: Uuid,
    /// The local part before.
    pub from: String,
    /// The local part meanwhile.
    pub temporary: String,
    /// The local part afterwards.
    pub to: String,
}

/// An alias to remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwapAlias {
    /// Whose account.
    pub user: Uuid,
    /// The account's name meanwhile.
    pub account: String,
    /// The alias.
    pub alias: String,
}

impl SwapReport {
    /// Reports a swap.
    pub fn new(tenant_id: &str, swap: &Swap) -> Self {
        let aliases = swap.aliases().into_iter().map(|(side, alias)| SwapAlias {
            user: side.person,
            account: side.temporary.clone(),
            alias: alias.to_owned(),
        });
        Self {
            tenant: tenant_id.to_owned(),
            step: swap.step.as_str(),
            read: swap.read == ReadNames::Read,
            began_at: swap.began_at.map(Moment::from),
            a: person(&swap.a),
            b: person(&swap.b),
            aliases: aliases.collect(),
            next: next(swap),
        }
    }
}

fn person(side: &SwapSide) -> SwapPerson {
    SwapPerson {
        user: side.person,
        from: side.from.clone(),
        temporary: side.temporary.clone(),
        to: side.to.clone(),
    }
}

fn next(swap: &Swap) -> String {
    match (swap.step, swap.read) {
        (SwapStep::Temporary, ReadNames::NotPublished) => {
            "the temporary names are published within a minute; then a complete pull is to read them"
                .to_owned()
        }
        (SwapStep::Temporary, ReadNames::Published) => {
            "wait until a complete pull has read the temporary names".to_owned()
        }
        (SwapStep::Temporary, ReadNames::Read) => {
            let aliases = swap.aliases().into_iter();
            let aliases: Vec<String> = aliases
                .map(|(side, alias)| format!("{alias} of the account {}", side.temporary))
                .collect();
            format!(
                "remove in Microsoft 365 the alias {}; then say so: --step alias",
                aliases.join(", and ")
            )
        }
        (SwapStep::Alias, _) => "give the final names: --step final".to_owned(),
        (SwapStep::Done, _) => "nothing: the next synchronisation gives them".to_owned(),
        (SwapStep::Cancelled, _) => "nothing: the swap is cancelled".to_owned(),
    }
}

impl Display for SwapReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "swap: {}", self.step)?;
        for person in [&self.a, &self.b] {
            let SwapPerson {
                user,
                from,
                temporary,
                to,
            } = person;
            writeln!(
                formatter,
                "  {user}  {} -> {} -> {}",
                printable(from),
                printable(temporary),
                printable(to)
            )?;
        }
        write!(formatter, "next: {}", printable(&self.next))
    }
}

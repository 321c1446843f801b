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
    /// Until when the next step waits after that pull, for Microsoft to give the names to the accounts.
    pub waits_until: Option<Moment>,
    /// When it began; `null` for names that were swapped at once.
    pub began_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
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
            read: matches!(swap.read, ReadNames::Read(_)),
            waits_until: swap.waits_until.map(Moment::from),
            began_at: swap.began_at.map(Moment::from),
            ended_at: swap.ended_at.map(Moment::from),
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
            "the temporary names are published within a minute; then a complete pull is to read them. Ask again after the next \
             synchronisation of Microsoft"
                .to_owned()
        }
        (SwapStep::Temporary, ReadNames::Published) => {
            "wait until a complete pull has read the temporary names: the next synchronisation of Microsoft".to_owned()
        }
        (SwapStep::Temporary, ReadNames::Read(_)) => match swap.waits_until {
            Some(moment) => format!(
                "Microsoft has read the temporary names and needs about two hours to give them to the accounts: go on after {}",
                Moment::from(moment)
            ),
            None => in_microsoft(swap),
        },
        (SwapStep::Alias, _) => "give the final names: --step final".to_owned(),
        (SwapStep::Done, _) => match swap.ended_at {
            Some(moment) => format!(
                "nothing: it was done at {}, and the next synchronisation gives the final names. To swap the two again: --step begin",
                Moment::from(moment)
            ),
            None => "nothing: the next synchronisation gives them".to_owned(),
        },
        (SwapStep::Cancelled, _) => "nothing: the swap is cancelled".to_owned(),
    }
}

/// Says what must be done in Microsoft 365 before the final names (R140): the alias is in the way of the account that gets the name.
fn in_microsoft(swap: &Swap) -> String {
    let aliases: Vec<String> = swap
        .aliases()
        .into_iter()
        .map(|(side, alias)| format!("{alias} of the account {}", side.temporary))
        .collect();
    format!(
        "look in Microsoft 365 (Users, Active users) that both accounts have their temporary names; there remove the alias {} \
         (Manage username and email). Then say so: --step alias",
        aliases.join(", and ")
    )
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

//! What a swap is: where it stands, what is done with it, and why a step is refused.

use std::fmt::{Display, Formatter};

use chrono::{DateTime, TimeDelta, Utc};
use oneroster_school::username::edit;
use oneroster_standard::Moment;
use uuid::Uuid;

use crate::accounts::read_names::ReadNames;
use crate::accounts::records::swaps::SwapRow;
use crate::accounts::{Error, Refusal};

/// How long after a complete pull that read the temporary names the next step is offered: Microsoft needs about two hours.
const APPLIED_AFTER: TimeDelta = TimeDelta::hours(3);

/// What is done with a swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwapAction {
    /// Gives the temporary names; names that were never served are swapped at once.
    Begin {
        /// The name that the second person gets; `None` = that of the first.
        other_gets: Option<String>,
    },
    /// Says that the aliases are removed in Microsoft 365.
    AliasesRemoved,
    /// Gives the final names.
    Finish,
    /// Gives the former names again.
    Cancel,
}

/// Where a swap stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwapStep {
    /// The temporary names are given.
    Temporary,
    /// The aliases are removed.
    Alias,
    /// The final names are given.
    Done,
    /// The former names are given again.
    Cancelled,
}

impl SwapStep {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Temporary => "temporary",
            Self::Alias => "alias",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "temporary" => Self::Temporary,
            "alias" => Self::Alias,
            "cancelled" => Self::Cancelled,
            _ => Self::Done,
        }
    }
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapSide {
    /// The person.
    pub person: Uuid,
    /// The local part before.
    pub from: String,
    /// The local part meanwhile.
    pub temporary: String,
    /// The local part afterwards.
    pub to: String,
}

/// A swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// Who gets the name of the other.
    pub a: SwapSide,
    /// The other.
    pub b: SwapSide,
    /// Where it stands.
    pub step: SwapStep,
    /// Whether the temporary names were published and read. Only asked while they are waited for.
    pub read: ReadNames,
    /// When it began; `None` for names that were swapped at once.
    pub began_at: Option<DateTime<Utc>>,
    /// Who said that the aliases are removed, and when.
    pub alias_removed: Option<(DateTime<Utc>, String)>,
    /// Until when the next step waits, so that Microsoft can give its accounts the names that it has read.
    pub waits_until: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Swap {
    /// `now` is the database's.
    pub(super) fn of(row: SwapRow, read: ReadNames, now: DateTime<Utc>) -> Self {
        let step = SwapStep::of_word(&row.step);
        let offered_at = match (step, read) {
            (SwapStep::Temporary, ReadNames::Read(Some(at))) => Some(at + APPLIED_AFTER),
            _ => None,
        };
        Self {
            a: SwapSide {
                person: row.person_a,
                from: row.from_a,
                temporary: row.temporary_a,
                to: row.to_a,
            },
            b: SwapSide {
                person: row.person_b,
                from: row.from_b,
                temporary: row.temporary_b,
                to: row.to_b,
            },
            step,
            read,
            waits_until: offered_at.filter(|moment| *moment > now),
            ended_at: row.ended_at,
            began_at: Some(row.began_at),
            alias_removed: row.alias_removed_at.zip(row.alias_removed_by),
        }
    }

    /// Returns the aliases to remove in Microsoft 365: whose account, and which name.
    pub fn aliases(&self) -> Vec<(&SwapSide, &str)> {
        let key = edit::key;
        let mut aliases = Vec::new();
        for (owner, other) in [(&self.b, &self.a), (&self.a, &self.b)] {
            if key(&owner.from) == key(&other.to) {
                aliases.push((owner, owner.from.as_str()));
            }
        }
        aliases
    }
}

/// Why a step of a swap is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwapRefusal {
    /// Both are one person.
    SamePerson,
    /// The other would keep the name that the first is to get.
    SameName,
    /// One of them is in a swap already.
    InSwap,
    /// No swap of these two is under way.
    NoSwap,
    /// The temporary names are not published yet.
    NotPublished,
    /// No complete pull has read the temporary names yet.
    NotRead,
    /// Microsoft has read the temporary names, but has had no time yet to give them to the accounts.
    TooSoon {
        /// From when the step can be taken.
        offered_at: DateTime<Utc>,
    },
    /// Nobody has said that the aliases are removed.
    AliasFirst,
    /// Somebody gave one of them another name meanwhile.
    ChangedMeanwhile,
    /// No temporary name is free.
    NoTemporaryName,
}

impl SwapRefusal {
    /// Returns the id of the rule.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::SamePerson => "same-person",
            Self::SameName => "swap-same-name",
            Self::InSwap => "swap-under-way",
            Self::NoSwap => "no-swap",
            Self::NotPublished => "swap-not-published",
            Self::NotRead => "swap-not-read",
            Self::TooSoon { .. } => "swap-too-soon",
            Self::AliasFirst => "swap-alias-first",
            Self::ChangedMeanwhile => "swap-changed-meanwhile",
            Self::NoTemporaryName => "swap-no-temporary-name",
        }
    }
}

impl Display for SwapRefusal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::SamePerson => "both are the same person",
            Self::SameName => "the other cannot keep the name that the first is to get",
            Self::InSwap => "one of them is in a swap that has not ended; finish or cancel that one first",
            Self::NoSwap => "no swap of these two is under way",
            Self::NotPublished => {
                "the temporary names are not published yet: wait a minute, or look whether the publication is held"
            }
            Self::NotRead => {
                "no complete pull has read the temporary names yet: wait for the next synchronisation of Microsoft"
            }
            Self::TooSoon { offered_at } => {
                return write!(
                    formatter,
                    "Microsoft has read the temporary names and needs about two hours to give them to the accounts: look there and take the \
                     step after {}",
                    Moment::from(*offered_at)
                );
            }
            Self::AliasFirst => "first remove the aliases in Microsoft 365, and say so (--step alias)",
            Self::ChangedMeanwhile => {
                "one of them got another name meanwhile: give them their names by `oneroster usernames set`"
            }
            Self::NoTemporaryName => "no temporary name is free",
        };
        formatter.write_str(text)
    }
}

impl From<SwapRefusal> for Error {
    fn from(refusal: SwapRefusal) -> Self {
        Self::Refused(Refusal::Swap(refusal))
    }
}

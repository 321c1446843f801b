//! Exactly the people whom a bulk change means, and the fingerprint by which they are known again.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oneroster_school::rights::Access;
use oneroster_school::username::WaitReason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::BulkError;
use crate::desk::list::{Filter, Seen};

/// How many choices are remembered, to tell what became different.
const CHOICES_MAX: usize = 64;

/// How many people the remembered choices hold together at most.
const PEOPLE_MAX: usize = 1_000_000;

/// How many people one request may name.
const IDS_MAX: usize = 100_000;

/// Whom a bulk change means: people who are named, or everything that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// These people.
    Ids(Vec<Uuid>),
    /// Everybody who matches, whether or not a page has loaded them.
    Filter(Filter),
    /// Everybody who matches, except some.
    AllBut {
        /// Who matches.
        filter: Filter,
        /// Whom it does not mean all the same.
        except: HashSet<Uuid>,
    },
}

/// How far a person is: their flag, and why they wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether they are released.
    pub(super) is_on: bool,
    /// Why they wait.
    pub(super) waits_for: Option<WaitReason>,
}

/// The people who are meant.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Those whose flag may be switched by who asks, by id.
    pub(super) people: BTreeMap<Uuid, Standing>,
    /// Those who may only be seen.
    pub(super) read_only: Vec<Uuid>,
}

impl Chosen {
    /// Chooses among what somebody sees. Somebody named whom they may not see is as unknown as anybody.
    pub(super) fn of(seen: &Seen<'_>, whom: &Whom) -> Result<Self, BulkError> {
        let ids = match whom {
            Whom::Ids(ids) if ids.len() > IDS_MAX => return Err(BulkError::TooMany),
            Whom::AllBut { except, .. } if except.len() > IDS_MAX => return Err(BulkError::TooMany),
            Whom::Ids(ids) => ids.clone(),
            Whom::Filter(filter) => seen.ids(filter),
            Whom::AllBut { filter, except } => {
                let mut ids = seen.ids(filter);
                ids.retain(|id| !except.contains(id));
                ids
            }
        };
        let mut chosen = Self {
            people: BTreeMap::new(),
            read_only: Vec::new(),
        };
        for id in ids {
            match seen.access_to(id) {
                Access::None => return Err(BulkError::NotFound),
                Access::Read => chosen.read_only.push(id),
                Access::Write => {
                    let (is_on, waits_for) = seen.standing(id).ok_or(BulkError::NotFound)?;
                    chosen.people.insert(id, Standing { is_on, waits_for });
                }
            }
        }
        chosen.read_only.sort_unstable();
        chosen.read_only.dedup();
        Ok(chosen)
    }

    /// Returns the ids, sorted.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.people.keys().copied().collect()
    }

    /// Returns what the people and how far each is come to: another one of either is another fingerprint.
    pub(super) fn fingerprint(&self, on: bool) -> String {
        let mut hash = Sha256::new();
        hash.update([u8::from(on)]);
        for (id, standing) in &self.people {
            hash.update(id.as_bytes());
            hash.update([u8::from(standing.is_on), u8::from(standing.waits_for.is_some())]);
        }
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

/// What became different since people were chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// How many are meant now who were not.
    pub added: usize,
    /// How many were meant who are not now.
    pub removed: usize,
    /// How many are meant as before, and whose flag is another or who wait.
    pub switched: usize,
}

/// The people of former choices, by fingerprint, as long as there is room.
#[derive(Debug, Default)]
pub struct Choices(Mutex<VecDeque<(String, Remembered)>>);

type Remembered = Arc<HashMap<Uuid, Standing>>;

impl Choices {
    /// Remembers who was chosen.
    pub(super) fn remember(&self, fingerprint: &str, chosen: &Chosen) {
        let mut choices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        choices.retain(|(known, _)| known != fingerprint);
        let people = chosen.people.iter().map(|(id, standing)| (*id, *standing));
        choices.push_back((fingerprint.to_owned(), Arc::new(people.collect())));
        let held = |choices: &VecDeque<(String, Remembered)>| -> usize {
            choices.iter().map(|(_, people)| people.len()).sum()
        };
        while choices.len() > 1 && (choices.len() > CHOICES_MAX || held(&choices) > PEOPLE_MAX) {
            choices.pop_front();
        }
    }

    /// Tells what became different since the choice with a fingerprint; of one that is not remembered, as far as its count says.
    pub(super) fn difference(&self, (fingerprint, count): (&str, usize), now: &Chosen) -> Difference {
        let choices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = choices.iter().find(|(known, _)| known == fingerprint);
        let Some((_, before)) = known else {
            let now = now.people.len();
            return Difference {
                added: now.saturating_sub(count),
                removed: count.saturating_sub(now),
                switched: 0,
            };
        };
        let (before, now) = (before.as_ref(), &now.people);
        let is_another =
            |(id, standing): &(&Uuid, &Standing)| before.get(*id).is_some_and(|before| before != *standing);
        Difference {
            added: now.keys().filter(|id| !before.contains_key(*id)).count(),
            removed: before.keys().filter(|id| !now.contains_key(*id)).count(),
            switched: now.iter().filter(is_another).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(people: &[(u128, bool)]) -> Chosen {
        let standing = |is_on| Standing {
            is_on,
            waits_for: None,
        };
        let people = people
            .iter()
            .map(|(id, is_on)| (Uuid::from_u128(*id), standing(*is_on)));
        Chosen {
            people: people.collect(),
            read_only: Vec::new(),
        }
    }

    #[test]
    fn a_fingerprint_is_of_exactly_these_people_and_their_flags() {
        let one = chosen(&[(1, true), (2, false)]);
        assert_eq!(
            one.fingerprint(true),
            chosen(&[(2, false), (1, true)]).fingerprint(true)
        );
        let others = [
            chosen(&[(1, true)]).fingerprint(true),
            chosen(&[(1, true), (2, true)]).fingerprint(true),
            chosen(&[(1, true), (3, false)]).fingerprint(true),
            one.fingerprint(false),
        ];
        assert!(!others.contains(&one.fingerprint(true)));
    }

    #[test]
    fn what_became_different_is_told_by_person_and_else_by_count() {
        let choices = Choices::default();
        let before = chosen(&[(1, true), (2, false), (3, false)]);
        let now = chosen(&[(2, true), (3, false), (4, false), (5, false)]);
        let asked = (before.fingerprint(true), 3);
        let difference = |choices: &Choices| choices.difference((&asked.0, asked.1), &now);
        assert_eq!(
            difference(&choices),
            Difference {
                added: 1,
                removed: 0,
                switched: 0
            }
        );
        choices.remember(&asked.0, &before);
        assert_eq!(
            difference(&choices),
            Difference {
                added: 2,
                removed: 1,
                switched: 1
            }
        );
    }
}

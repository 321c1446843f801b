//! Who needs a username record, and with what it begins (design §5).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::allocate::{Allocator, Unavailable};
use super::candidate::{Candidate, candidates};
use super::departed::{Departed, Resemblance};
use super::generate::generate;
use super::given_domain::GivenDomain;
use super::identity::Identity;
use super::record::Record;
use super::wait_reason::WaitReason;
use crate::informat::published_rows::{PublishedRows, SitePeriod};
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Mirror, Persoon};
use crate::tenant::Domain;
use crate::tenant::configuration::Configuration;

/// A record to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// The person.
    pub rowguid: Uuid,
    /// The name.
    pub local_part: String,
    /// The domain of the person's school, for staff whose domain we send (R38).
    pub domain: Option<Domain>,
    /// The Sync flag.
    pub sync: bool,
    /// Whether somebody should look at the name.
    pub needs_review: bool,
    /// Why the person waits; the flag is off then.
    pub waits_for: BTreeSet<WaitReason>,
    /// The record of somebody who left that the person probably is.
    pub resembles: Option<Uuid>,
    /// Who the person is.
    pub identity: Identity,
}

/// A person who has a record and waits from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWait {
    /// The person.
    pub rowguid: Uuid,
    /// Why.
    pub reason: WaitReason,
    /// The record of somebody who left that the person probably is.
    pub resembles: Option<Uuid>,
}

/// What an allocation will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Records to make, in order of `p_persoon`.
    pub create: Vec<NewRecord>,
    /// Existing records of staff that get their school's domain.
    pub set_domain: Vec<(Uuid, Domain)>,
    /// People held back already who resemble somebody who left by now, or whose name was handed on.
    pub wait: Vec<NewWait>,
    /// People whose key, names or birth date the mirror has otherwise than their record.
    pub identify: Vec<(Uuid, Identity)>,
}

/// Plans the allocation of a tenant: a record for everyone who needs one and has none, and a domain for staff.
///
/// Doing it again after storing the plan plans nothing.
pub fn plan(
    source: &Mirror,
    configuration: &Configuration,
    existing: &HashMap<Uuid, Record>,
    unavailable: Unavailable<'_>,
    today: NaiveDate,
) -> Result<Plan, UnknownSchoolYear> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let candidates = candidates(source, configuration, &rows, today)?;
    let departed = departed(source, existing, &candidates);
    let held = existing.values().map(|record| record.local_part.clone());
    let mut allocator = Allocator::new(
        held.chain(unavailable.retired.iter().cloned()),
        configuration.username_max_length,
    );
    let mut people: Vec<&Persoon> = source.persoon.iter().collect();
    people.sort_by_key(|person| person.p_persoon);
    let mut plan = Plan::default();
    for person in people {
        let candidate = candidates.get(&person.p_persoon);
        let record = existing.get(&person.rowguid);
        if candidate.is_none() && record.is_none() {
            continue;
        }
        let identity = Identity::of(person);
        if let Some(record) = record {
            plan.look_again(record, identity, candidate, &departed);
        } else if let Some(candidate) = candidate {
            let new = create(person, identity, candidate, configuration, &departed);
            let take = |mut new: NewRecord| {
                new.local_part = allocator.take_for(&new.local_part, new.rowguid, unavailable.erased);
                new
            };
            plan.create.extend(new.map(take));
        }
    }
    Ok(plan)
}

impl Plan {
    /// Sees what somebody who has a record needs.
    fn look_again(
        &mut self,
        record: &Record,
        identity: Identity,
        candidate: Option<&Candidate<'_>>,
        departed: &Departed<'_>,
    ) {
        let rowguid = record.rowguid;
        if let (None, Some(domain)) = (&record.domain, candidate.and_then(Candidate::staff_domain)) {
            self.set_domain.push((rowguid, domain.clone()));
        }
        // Whoever is released has been, by a person or by the default at the time: that is not undone.
        if candidate.is_some() && !record.sync {
            let resemblance = match record.handed_to {
                Some(receiver) => Resemblance::of_receiver(receiver),
                None => departed.of_known(rowguid, &identity),
            };
            let is_new =
                |reason: &WaitReason| !record.answered.contains(reason) && !record.waits_for.contains(reason);
            let new = resemblance.reasons.into_iter().filter(is_new);
            self.wait.extend(new.map(|reason| NewWait {
                rowguid,
                reason,
                resembles: resemblance.with,
            }));
        }
        if record.identity.as_ref() != Some(&identity) {
            self.identify.push((rowguid, identity));
        }
    }
}

/// Returns the record that a person begins with; its name is still to be found free. `None` for somebody who is nowhere.
fn create(
    person: &Persoon,
    identity: Identity,
    candidate: &Candidate<'_>,
    configuration: &Configuration,
    departed: &Departed<'_>,
) -> Option<NewRecord> {
    let first = candidate.places.iter().copied().min_by(SitePeriod::order)?;
    let generated = generate(person, &configuration.username_format);
    let resemblance = departed.of_new(person.rowguid, &identity);
    let needs_review = !generated.doubts.is_empty();
    let mut waits_for = generated.doubts;
    waits_for.extend(resemblance.reasons);
    Some(NewRecord {
        rowguid: person.rowguid,
        local_part: generated.base,
        domain: candidate.staff_domain().cloned(),
        sync: first.row.site.sync_default && waits_for.is_empty(),
        needs_review,
        waits_for,
        resembles: resemblance.with,
        identity,
    })
}

fn departed<'a>(
    source: &Mirror,
    existing: &'a HashMap<Uuid, Record>,
    candidates: &BTreeMap<i64, Candidate<'_>>,
) -> Departed<'a> {
    let in_mirror: HashMap<Uuid, &Persoon> = source
        .persoon
        .iter()
        .map(|person| (person.rowguid, person))
        .collect();
    let present: HashSet<Uuid> = source
        .persoon
        .iter()
        .filter(|person| candidates.contains_key(&person.p_persoon))
        .map(|person| person.rowguid)
        .collect();
    Departed::new(existing, &present, &in_mirror)
}

impl NewRecord {
    /// Returns the record as it is once stored.
    pub fn into_record(self, created_at: chrono::DateTime<chrono::Utc>) -> Record {
        Record {
            domain: self.domain.map(GivenDomain::system),
            sync: self.sync,
            needs_review: self.needs_review,
            waits_for: self.waits_for,
            resembles: self.resembles,
            identity: Some(self.identity),
            ..Record::new(self.rowguid, self.local_part, created_at)
        }
    }
}

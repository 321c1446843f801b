//! People and classes that came under another id, or as somebody who left: what a load changed, until it is settled.

use std::collections::{BTreeMap, BTreeSet};

use oneroster_standard::Kind;
use uuid::Uuid;

use super::facts::Facts;
use super::{Finding, Rule};
use crate::door::{IdChange, IdVerdict};
use crate::informat::Persoon;
use crate::username::{Record, WaitReason};

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut changes: BTreeMap<(IdVerdict, i64), Vec<&IdChange>> = BTreeMap::new();
    for change in facts.subject.id_changes {
        changes
            .entry((change.verdict, change.key))
            .or_default()
            .push(change);
    }
    let of_key = |verdict, key| {
        changes
            .get(&(verdict, key))
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    for person in facts.expected_people() {
        let known = of_key(IdVerdict::PersonIdChanged, person.p_persoon);
        let former = former_ids(facts, person, known);
        findings.extend(former.iter().map(|from| id_changed(facts, person, *from)));
        findings.extend(probably_merged(facts, person, &former));
        let reused = of_key(IdVerdict::PersonKeyReused, person.p_persoon);
        findings.extend(key_reused(facts, person, reused));
    }
    for (p_klas, group) in &facts.candidates.classes {
        let mut known = of_key(IdVerdict::ClassIdChanged, *p_klas).iter().rev();
        let Some(change) = known.find(|change| change.after == group.klas.scoodle_id) else {
            continue;
        };
        let message = format!(
            "class {:?} came with another id; before it was {}: Microsoft makes a new Team and leaves the files in the old one. Have \
             the old id restored in Informat and import again before the next synchronisation; after it, leave the new id and move \
             the files",
            group.title,
            change.before.hyphenated()
        );
        findings.push(Finding::new(
            Rule::ClassIdChanged,
            Kind::Classes,
            &group.sourced_id,
            message,
        ));
    }
}

/// Returns the record of somebody who is gone from the mirror and whose name was not handed on.
fn left<'a>(facts: &Facts<'a>, rowguid: Uuid) -> Option<&'a Record> {
    let record = facts.subject.usernames.get(&rowguid)?;
    let is_left = record.handed_to.is_none() && !facts.is_in_mirror(rowguid);
    is_left.then_some(record)
}

/// Returns the ids under which a person was known before, through every change, that still hold a username; none once
/// somebody answered.
fn former_ids(facts: &Facts<'_>, person: &Persoon, changes: &[&IdChange]) -> BTreeSet<Uuid> {
    let record = facts.record(person.p_persoon);
    if record.is_some_and(|record| record.answered.contains(&WaitReason::PersonIdChanged)) {
        return BTreeSet::new();
    }
    let mut former = BTreeSet::new();
    let mut after = vec![person.rowguid];
    while let Some(id) = after.pop() {
        for change in changes.iter().filter(|change| change.after == id) {
            if change.before != person.rowguid && former.insert(change.before) {
                after.push(change.before);
            }
        }
    }
    let waiting = record.filter(|record| record.waits_for.contains(&WaitReason::PersonIdChanged));
    former.extend(waiting.and_then(|record| record.resembles));
    former.retain(|id| left(facts, *id).is_some());
    former
}

/// Names both answers to the question whether two ids are one person.
fn answers(facts: &Facts<'_>, from: Uuid, to: &str) -> String {
    let same = format!("--from {} --to {to}", from.hyphenated());
    format!(
        "the same person: {}; somebody else: {}",
        facts.command("usernames transfer", &same),
        facts.command("usernames sync", &format!("on --user {to}"))
    )
}

fn id_changed(facts: &Facts<'_>, person: &Persoon, from: Uuid) -> Finding {
    let id = facts.id(person.p_persoon);
    let message = format!(
        "{} was {} before{}, and the account of that person is theirs: released as they are they get a second one. {}",
        facts.called(person.p_persoon),
        from.hyphenated(),
        named(facts, from),
        answers(facts, from, &id)
    );
    Finding::new(Rule::PersonIdChanged, Kind::Users, id, message)
}

fn named(facts: &Facts<'_>, rowguid: Uuid) -> String {
    let record: Option<&Record> = facts.subject.usernames.get(&rowguid);
    record.map_or_else(String::new, |record| format!(" ({:?})", record.local_part))
}

/// Finds somebody who waits because somebody who left has their names and birth date.
fn probably_merged(facts: &Facts<'_>, person: &Persoon, former: &BTreeSet<Uuid>) -> Option<Finding> {
    let record = facts
        .record(person.p_persoon)
        .filter(|record| record.waits_for.contains(&WaitReason::ProbablyMerged))?;
    let from = record.resembles.filter(|from| !former.contains(from))?;
    let id = facts.id(person.p_persoon);
    let still_there = if facts.is_in_mirror(from) {
        ", whose row Informat still has: merge the two there and import that first"
    } else {
        ""
    };
    let message = format!(
        "{} waits: {}{}, who left, has the same names and birth date{still_there}. {}",
        facts.called(person.p_persoon),
        from.hyphenated(),
        named(facts, from),
        answers(facts, from, &id)
    );
    Some(Finding::new(Rule::ProbablyMerged, Kind::Users, id, message))
}

/// Finds somebody whose key was that of somebody else, while a username is kept for that one. Never suggests to hand it over.
fn key_reused(facts: &Facts<'_>, person: &Persoon, changes: &[&IdChange]) -> Option<Finding> {
    let mut known = changes.iter().rev();
    let change = known.find(|change| change.after == person.rowguid)?;
    let former = left(facts, change.before)?;
    let message = format!(
        "p_persoon {} was {} ({:?}) before, and came back with another name and another birth date: {} is somebody else and gets an \
         account of their own. Nothing needs to be done; never hand the former username over",
        person.p_persoon,
        change.before.hyphenated(),
        former.local_part,
        facts.called(person.p_persoon),
    );
    let id = facts.id(person.p_persoon);
    Some(Finding::new(Rule::PersonKeyReused, Kind::Users, id, message))
}

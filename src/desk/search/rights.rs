//! What who asks may do with somebody who was found.

use oneroster_school::projection;
use oneroster_school::projection::why::CandidateKind;
use oneroster_school::rights::Access;
use uuid::Uuid;

use super::Asker;
use super::known::Known;
use crate::publication::Error;

impl Known {
    /// Returns whether who asks may change somebody's username: who may write at one of the places where they are now or later
    /// (R83). `None` for nobody, and for somebody whom who asks may not see.
    pub(in crate::desk) fn may_write(&self, asker: &Asker, person: Uuid) -> Result<Option<bool>, Error> {
        let seen = asker.sees(self);
        if seen.entry(CandidateKind::Person, person).is_none() {
            return Ok(None);
        }
        if asker.rights.is_operator() {
            return Ok(Some(true));
        }
        let question = self.question(self.today());
        let mirror = question.narrowed(Some(person), None);
        let people = projection::people(&mirror, question.configuration, question.on)?.people;
        let orgs = people
            .iter()
            .flat_map(|person| person.org_ids.iter().map(String::as_str));
        Ok(Some(asker.rights.access_at_any(orgs) == Access::Write))
    }

    /// Returns `true` if who asks may see a person or a class.
    pub(in crate::desk) fn is_seen(&self, asker: &Asker, kind: CandidateKind, id: Uuid) -> bool {
        asker.sees(self).entry(kind, id).is_some()
    }

    /// Returns `true` if who asks sees every place.
    pub(in crate::desk) fn is_all_seen(&self, asker: &Asker) -> bool {
        asker.sees(self).sees_every_place()
    }

    /// Returns what somebody is called, if who asks may see them.
    pub(in crate::desk) fn label(&self, asker: &Asker, person: Uuid) -> Option<String> {
        let seen = asker.sees(self);
        seen.entry(CandidateKind::Person, person)
            .map(|entry| entry.label.clone())
    }
}

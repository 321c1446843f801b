//! Holds the names that another server served against the records here.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use oneroster_school::projection::Person;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::edit::{self, DomainRule, Username, UsernameError};
use oneroster_school::username::taken_over;
use oneroster_school::username::{Origin, Record};
use oneroster_standard::Moment;
use uuid::Uuid;

use super::Rule;
use super::read::{CREATED, DOMAIN, ServedRow, USERNAME};
use crate::accounts::finality::Finality;
use crate::accounts::records::erased::ErasedNames;
use crate::accounts::records::takeover::TakenOver;
use crate::accounts::{Holder, domain_rule};
use crate::tabular::{Fault, Faults};

/// What is known of the tenant.
pub(super) struct Known<'a> {
    pub(super) tenant_id: &'a str,
    /// What faults call the file.
    pub(super) file: &'a str,
    pub(super) configuration: &'a Configuration,
    /// Every record.
    pub(super) records: HashMap<Uuid, Record>,
    /// Everyone in the mirror.
    pub(super) people: HashMap<Uuid, Person>,
    /// Names of people who were erased.
    pub(super) erased: ErasedNames,
    /// Which names were served here.
    pub(super) finality: Finality,
    pub(super) now: DateTime<Utc>,
}

/// Finds what is taken over, in the order of the file. Rows that say what is here already are left out.
pub(super) fn judge(rows: &[ServedRow], known: &Known<'_>, faults: &mut Faults<Rule>) -> Vec<TakenOver> {
    if known.people.is_empty() {
        let message =
            "nothing is loaded of this tenant, so that nobody of the file is known: `oneroster import` first";
        faults.push(Fault::of_file(known.file, Rule::NothingLoaded, message));
        return Vec::new();
    }
    let mut taken = Vec::new();
    for row in rows {
        match known.taken_over(row) {
            Ok(one) => taken.push(one),
            Err(fault) => faults.push(fault),
        }
    }
    known.check_free(&taken, faults);
    taken.retain(|one| !known.is_here(one));
    taken
}

impl Known<'_> {
    fn taken_over(&self, row: &ServedRow) -> Result<TakenOver, Fault<Rule>> {
        if let Some(created_at) = row.created_at.filter(|created_at| *created_at > self.now) {
            let value = Moment::from(created_at).rfc3339();
            let message = "is still to come: a name was made in the past".to_owned();
            return Err(self.fault(row.line, CREATED, &value, Rule::CreatedForm, message));
        }
        let record = self.records.get(&row.rowguid);
        let person = self.people.get(&row.rowguid);
        let refused = |error: &UsernameError| {
            let rule = Rule::of_name(error);
            let (column, value) = if rule == Rule::DomainForm {
                (DOMAIN, row.domain.as_deref().unwrap_or_default())
            } else {
                (USERNAME, row.local_part.as_str())
            };
            self.fault(row.line, column, value, rule, error.to_string())
        };
        let name = edit::read(&row.local_part, DomainRule::Unsettled, &[], None);
        let Username { local_part, .. } = name.map_err(|error| refused(&error))?;
        let published_as = person.and_then(|person| person.published_as.as_ref());
        let rule = domain_rule(self.configuration, published_as);
        let site_domain = published_as.and_then(|published_as| published_as.naming.site_domain.as_ref());
        let judged = taken_over::Judged {
            rule,
            site_domain,
            stored: record.and_then(|record| record.domain.as_ref()),
        };
        let domain = taken_over::domain(row.domain.as_deref(), judged, self.configuration);
        let to = Username {
            local_part,
            domain: domain.map_err(|error| refused(&error))?,
        };
        if let Some(record) = record.filter(|record| self.finality.is_final(record))
            && record.name().to_string() != to.to_string()
        {
            let from = record.name();
            let message = format!(
                "was served as {from} here, or taken over so, before. If the file is right: \
                 `oneroster usernames set --tenant {} --user {} {to}`, which renames the account; else write {from} here",
                self.tenant_id, row.rowguid
            );
            let value = to.to_string();
            return Err(self.fault(row.line, USERNAME, &value, Rule::NameServed, message));
        }
        Ok(TakenOver {
            line: row.line,
            rowguid: row.rowguid,
            is_known: person.is_some(),
            from: record.map(Record::name),
            to,
            sync_before: record.is_some_and(|record| record.sync),
            sync: row.sync,
            created_at: row
                .created_at
                .unwrap_or_else(|| record.map_or(self.now, |record| record.created_at)),
        })
    }

    /// Reports each name that is not free. Those of people of the file pass, also in exchange: what was served here, none of them gives up.
    fn check_free(&self, taken: &[TakenOver], faults: &mut Faults<Rule>) {
        let in_file: HashSet<Uuid> = taken.iter().map(|one| one.rowguid).collect();
        let holders: HashMap<String, &Record> = self
            .records
            .values()
            .filter(|record| !in_file.contains(&record.rowguid))
            .map(|record| (record.name().key(), record))
            .collect();
        let mut lines_of: HashMap<String, u64> = HashMap::new();
        for one in taken {
            let wanted = one.to.key();
            let mut refuse = |rule, message: String| {
                faults.push(self.fault(one.line, USERNAME, &one.to.local_part, rule, message));
            };
            if let Some(first) = lines_of.get(&wanted) {
                let message = "has this name too: names are unique over pupils and staff, whatever the domain and the case. Give one of \
                               them another, there and in the file";
                refuse(Rule::NameTwice, format!("line {first} {message}"));
                continue;
            }
            lines_of.insert(wanted.clone(), one.line);
            if let Some(holder) = holders.get(&wanted) {
                refuse(Rule::NameHeld, self.held(holder));
            } else if self.erased.is_of_another(&wanted, one.rowguid) {
                let message = "was the username of somebody who was erased here, or one that was forgotten; nobody else gets it";
                refuse(Rule::NameHeld, message.to_owned());
            }
        }
    }

    /// Says whose a name is who is not in the file, and how it becomes free.
    fn held(&self, record: &Record) -> String {
        let holder = Holder::of(record.rowguid, self.people.get(&record.rowguid));
        let (tenant, user) = (self.tenant_id, record.rowguid);
        let is_forgettable =
            record.origin == Origin::Generated && record.answered.is_empty() && !record.is_waiting();
        let is_final = self.finality.is_final(record);
        if is_final || !is_forgettable {
            let renames = if is_final {
                ", which renames their account"
            } else {
                ""
            };
            return format!(
                "is the username of {holder} here, who is not in the file: `oneroster usernames set --tenant {tenant} --user {user} NAME` \
                 gives them another{renames}"
            );
        }
        format!(
            "is the username of {holder} here, who is not in the file: `oneroster usernames forget --tenant {tenant} --user {user}` \
             frees it, and the next import gives them another"
        )
    }

    /// Returns `true` if everything that a row says is here already.
    fn is_here(&self, one: &TakenOver) -> bool {
        self.records.get(&one.rowguid).is_some_and(|record| {
            record.is_taken_over()
                && record.name().to_string() == one.to.to_string()
                && record.sync == one.sync
                && record.created_at == one.created_at
                && !record.is_waiting()
        })
    }

    fn fault(&self, line: u64, column: &str, value: &str, rule: Rule, message: String) -> Fault<Rule> {
        Fault::of_file(self.file, rule, message)
            .on_line(line)
            .in_column(column, value)
    }
}

//! Sites whose new usernames are released by default (R21, R93, R145).

use oneroster_standard::Kind;

use super::facts::{Facts, counted, some};
use super::{Finding, Rule};
use crate::tenant::configuration::FuturePupils;

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let configuration = facts.subject.configuration;
    let mut sites = Vec::new();
    for school in &configuration.schools {
        for entry in school
            .sites
            .iter()
            .filter(|entry| entry.sync && entry.sync_default)
        {
            let structure = entry.hoofdstructuur.as_deref();
            let structure = structure.map_or_else(String::new, |code| format!(", structure {code}"));
            sites.push(format!(
                "site {} of school {}{structure}",
                entry.vestnr, school.instelnr
            ));
        }
    }
    if sites.is_empty() {
        return;
    }
    let of_sites = format!("{} ({})", counted(sites.len(), "site", "sites"), some(&sites));
    let mut find = |rule, message| {
        let year = &facts.candidates.year.schooljaar;
        findings.push(Finding::new(rule, Kind::AcademicSessions, year, message));
    };
    if !facts.subject.was_read_completely {
        let message = format!(
            "new usernames of {of_sites} are released by default, but nobody has read the whole roster yet: names that nobody \
             checked become accounts with the first synchronisation; set sync_default = false and `oneroster tenant apply` \
             the file until that is complete"
        );
        find(Rule::DefaultSyncTooEarly, message);
    }
    if configuration.future_pupils == FuturePupils::Exclude {
        let message = format!(
            "new usernames of {of_sites} are released by default, but future_pupils = \"exclude\": pupils get an account on \
             their first day only; if they should have it at once, set future_pupils = \"include\" and `oneroster tenant \
             apply` the file"
        );
        find(Rule::DefaultSyncWithoutFuture, message);
    }
}

//! The rows by which somebody could be published, and what stands in the way of each.

use chrono::NaiveDate;

use super::super::ProjectionContext;
use super::super::cause::SiteAbsence;
use super::reason::{Obstacle, Reason};
use crate::informat::published_rows::{agrees, org_id, org_id_at};
use crate::informat::{Inschrijving, Opdracht, Schoolvest};

/// A row that does not count, with why: the one that comes nearest decides the reason.
pub(super) struct Hindered {
    pub(super) obstacle: Obstacle,
    pub(super) reason: Reason,
    /// Whether the row contains the reference date.
    pub(super) contains_day: bool,
    /// The first day; `None` = always.
    pub(super) begins: Option<NaiveDate>,
    /// The last day; `None` = open.
    pub(super) ends: Option<NaiveDate>,
}

impl Hindered {
    /// The least is what only one thing keeps from being published today, then what comes, then what was last.
    pub(super) fn rank(&self) -> (u8, Option<NaiveDate>, Option<std::cmp::Reverse<NaiveDate>>) {
        let place = match self.obstacle {
            Obstacle::Site(_)
            | Obstacle::NotRealised
            | Obstacle::Registration
            | Obstacle::OtherFunction
            | Obstacle::NotStaff
                if self.contains_day =>
            {
                0
            }
            Obstacle::ToCome => 1,
            Obstacle::YearToCome => 2,
            Obstacle::Site(_)
            | Obstacle::NotRealised
            | Obstacle::Registration
            | Obstacle::OtherFunction
            | Obstacle::NotStaff => 3,
            Obstacle::Over | Obstacle::Another => 4,
            Obstacle::YearPast => 5,
        };
        let is_ahead = place < 4;
        (
            place,
            self.begins.filter(|_| is_ahead),
            self.ends.filter(|_| !is_ahead).map(std::cmp::Reverse),
        )
    }
}

/// Returns the row of `schoolvest` with this key.
pub(super) fn site_row<'a>(
    context: &ProjectionContext<'a>,
    (instelnr, vestnrdiscimus, hfdstructuur): (&str, i32, &str),
) -> Option<&'a Schoolvest> {
    context.source.schoolvest.iter().find(|row| {
        row.instelnr == instelnr && row.vestnrdiscimus == vestnrdiscimus && row.hfdstructuur == hfdstructuur
    })
}

fn key_of(row: &Inschrijving) -> (&str, i32, &str) {
    (&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur)
}

/// Returns the id of the site of a registration, published or not.
pub(super) fn org_of_registration(context: &ProjectionContext<'_>, row: &Inschrijving) -> String {
    org_id_at(key_of(row), context.configuration)
}

/// Returns what stands in the way of a registration that does not count.
pub(super) fn of_registration(context: &ProjectionContext<'_>, row: &Inschrijving) -> Hindered {
    let org = org_of_registration(context, row);
    let school_year = row.schooljaar.clone();
    let year = context
        .source
        .schooljaar
        .iter()
        .find(|year| year.schooljaar == row.schooljaar);
    let begin_of_year = year.map(|year| year.begindatum);
    let year_end = year.map_or(context.year.einddatum, |year| year.einddatum);
    let last_day = row.einddatum.unwrap_or(year_end);
    let (day, begins) = (context.reference_date, row.begindatum);
    let site = SiteAbsence::of(site_row(context, key_of(row)), context.configuration);
    let (obstacle, reason) = if begin_of_year < Some(context.year.begindatum) {
        (Obstacle::YearPast, Reason::YearPast { school_year })
    } else if last_day < day {
        (Obstacle::Over, Reason::Ended { org, ended: last_day })
    } else if !row.is_realised() {
        (Obstacle::NotRealised, Reason::RegistrationNotRealised { org })
    } else if let Some(why) = site {
        (Obstacle::Site(why), Reason::Site { org, why })
    } else if begin_of_year > Some(context.year.begindatum) {
        (Obstacle::YearToCome, Reason::YearToCome { school_year, begins })
    } else if begins > day {
        (Obstacle::ToCome, Reason::NotYet { org, begins })
    } else {
        (Obstacle::Another, Reason::Ended { org, ended: last_day })
    };
    Hindered {
        obstacle,
        reason,
        contains_day: begins <= day && day <= last_day,
        begins: Some(begins),
        ends: Some(last_day),
    }
}

/// Returns the ids of the sites that an assignment covers, published or not; of one that covers none, what it names.
pub(super) fn orgs_of_assignment(context: &ProjectionContext<'_>, row: &Opdracht) -> Vec<String> {
    let rows = context.source.schoolvest.iter().filter(|site| agrees(site, row));
    let mut orgs: Vec<String> = rows.map(|site| org_id(site, context.configuration)).collect();
    orgs.sort();
    orgs.dedup();
    if orgs.is_empty() {
        orgs.push(row.instelnr.clone());
    }
    orgs
}

/// Returns what stands in the way of an assignment that does not count.
pub(super) fn of_assignment(context: &ProjectionContext<'_>, row: &Opdracht) -> Hindered {
    let (day, grace_days) = (context.reference_date, context.configuration.staff_grace_days);
    let org = orgs_of_assignment(context, row)
        .into_iter()
        .next()
        .unwrap_or_default();
    let begins = row.begindatum.filter(|begin| *begin > day);
    let (obstacle, reason) =
        if let (false, Some(ended)) = (row.ends_on_or_after(day, grace_days), row.einddatum) {
            (
                Obstacle::Over,
                Reason::StaffEnded {
                    org,
                    ended,
                    grace_days,
                },
            )
        } else if let (None, why) = (context.rows.covered_by(row).next(), absence_of(context, row)) {
            (Obstacle::Site(why), Reason::Site { org, why })
        } else if let Some(begins) = begins {
            (Obstacle::ToCome, Reason::StaffNotYet { org, begins })
        } else {
            (Obstacle::Another, Reason::Nowhere)
        };
    Hindered {
        obstacle,
        reason,
        contains_day: row.contains(day, grace_days),
        begins: row.begindatum,
        ends: row.einddatum,
    }
}

/// Returns why no site of an assignment is published: of several reasons the one that takes least to change.
fn absence_of(context: &ProjectionContext<'_>, row: &Opdracht) -> SiteAbsence {
    let rows = context.source.schoolvest.iter().filter(|site| agrees(site, row));
    rows.filter_map(|site| SiteAbsence::of(Some(site), context.configuration))
        .max()
        .unwrap_or(SiteAbsence::Gone)
}

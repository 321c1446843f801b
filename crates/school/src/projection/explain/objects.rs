//! Why orgs, classes and enrollments are not published.

use chrono::NaiveDate;
use oneroster_standard::{Enrollment, RoleType};
use uuid::Uuid;

use super::Explainer;
use crate::informat::published_rows::{is_org_id_of, org_id, org_id_at};
use crate::informat::{Inschrijving, Opdracht, Persoon, Schoolvest};
use crate::projection::cause::{Cause, SiteAbsence};
use crate::projection::enrollment::CLASS_TEACHER;
use crate::projection::person::ActivePerson;

impl<'a> Explainer<'a> {
    pub(super) fn registrations_of(&self, person: &Persoon) -> &[&'a Inschrijving] {
        self.registrations
            .get(&person.p_persoon)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn assignments_of(&self, person: &Persoon) -> &[&'a Opdracht] {
        self.assignments
            .get(&person.p_persoon)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn contains(&self, registration: &Inschrijving, day: NaiveDate) -> bool {
        registration.contains(day, self.context.year.einddatum)
    }

    pub(super) fn last_day(&self, registration: &Inschrijving) -> NaiveDate {
        registration.einddatum.unwrap_or(self.context.year.einddatum)
    }

    /// The id of the org of a row, published or not.
    pub(super) fn org_of_row(&self, row: &Schoolvest) -> String {
        org_id(row, self.context.configuration)
    }

    /// The id of the org of a registration, published or not.
    pub(super) fn org_of(&self, registration: &Inschrijving) -> String {
        org_id_at(key(registration), self.context.configuration)
    }

    /// Why the row of a registration is not published; `None` when it is.
    pub(super) fn site(&self, registration: &Inschrijving) -> Option<Cause> {
        let wanted = key(registration);
        let mut rows = self.context.source.schoolvest.iter();
        let row = rows.find(|row| {
            (
                row.instelnr.as_str(),
                row.vestnrdiscimus,
                row.hfdstructuur.as_str(),
            ) == wanted
        });
        match row {
            Some(row) => self.absence(row),
            None => Some(Cause::SiteNotPublished {
                org: self.org_of(registration),
                why: SiteAbsence::Gone,
            }),
        }
    }

    /// Why a row is not published; `None` when it is.
    pub(super) fn absence(&self, row: &Schoolvest) -> Option<Cause> {
        let why = SiteAbsence::of(Some(row), self.context.configuration)?;
        Some(Cause::SiteNotPublished {
            org: self.org_of_row(row),
            why,
        })
    }

    pub(super) fn org(&self, sourced_id: &str) -> Vec<Cause> {
        let rows = self.context.source.schoolvest.iter();
        let rows: Vec<_> = rows.filter(|row| self.org_of_row(row) == sourced_id).collect();
        if rows.is_empty() {
            // The tenant file may only have changed the form of ids: then the site is there as before.
            let mut sites = self.context.source.schoolvest.iter();
            if sites.any(|row| is_org_id_of(row, sourced_id)) {
                return Vec::new();
            }
            return vec![Cause::SiteNotPublished {
                org: sourced_id.to_owned(),
                why: SiteAbsence::Gone,
            }];
        }
        rows.into_iter().filter_map(|row| self.absence(row)).collect()
    }

    pub(super) fn class(&self, sourced_id: &str, other_year: impl Fn() -> Cause) -> Vec<Cause> {
        let classes = Uuid::try_parse(sourced_id)
            .ok()
            .and_then(|scoodle_id| self.classes.get(&scoodle_id))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let of_year = classes
            .iter()
            .find(|klas| klas.schooljaar == self.context.year.schooljaar);
        let Some(klas) = of_year else {
            return vec![if classes.is_empty() {
                Cause::ClassGone
            } else {
                other_year()
            }];
        };
        let mut rows = self.context.source.schoolvest.iter();
        let row = rows.find(|row| {
            row.instelnr == klas.instelnr
                && row.vestnrdiscimus == klas.vestnrdiscimus
                && row.hfdstructuur == klas.hfdstructuur
        });
        row.and_then(|row| self.absence(row)).into_iter().collect()
    }

    pub(super) fn enrollment(&self, sourced_id: &str, content: &str) -> Vec<Cause> {
        let Ok(enrollment) = serde_json::from_str::<Enrollment>(content) else {
            return Vec::new();
        };
        let (user, class) = (
            enrollment.user.sourced_id.as_str(),
            enrollment.class.sourced_id.as_str(),
        );
        let mut causes = Vec::new();
        if !self.published_users.contains(user) {
            causes.push(Cause::UserNotPublished);
        }
        if !self.published_classes.contains(class) {
            causes.push(Cause::ClassNotPublished);
        }
        let p_klas = sourced_id
            .strip_prefix(user)
            .and_then(|rest| rest.strip_prefix('-')?.parse().ok());
        if let (Some(person), Some(p_klas)) = (self.person(user), p_klas) {
            let own = if enrollment.role == RoleType::Teacher {
                self.teaching(person, p_klas, &enrollment)
            } else {
                self.membership(person, p_klas, &enrollment)
            };
            if causes.is_empty() {
                causes = own;
            } else {
                // It ended by itself too, and no later than what it was there for.
                causes.extend(own.into_iter().filter(Cause::is_end_in_class));
            }
        }
        causes
    }

    /// Why a pupil is no longer in a class that is published, be it that they are not published either.
    fn membership(&self, person: &Persoon, p_klas: i64, before: &Enrollment) -> Vec<Cause> {
        let pupil = self
            .active
            .get(&person.p_persoon)
            .and_then(|active| active.pupil.as_ref());
        let counting = pupil
            .map(|pupil| pupil.registrations.as_slice())
            .unwrap_or_default();
        let day = pupil.map_or(self.context.reference_date, |pupil| pupil.effective_date);
        let own = self.registrations_of(person);
        let in_class = self.memberships.get(&p_klas);
        let mut periods = Vec::new();
        let mut lapsed = Vec::new();
        for row in in_class.into_iter().flatten() {
            if !may_be(before, row.vandatum, day) {
                continue;
            }
            let Some(registration) = own.iter().find(|own| own.p_inschr == row.p_inschr) else {
                continue;
            };
            let last_day = row.totdatum.unwrap_or(self.context.year.einddatum);
            let counts = counting
                .iter()
                .any(|counting| counting.p_inschr == registration.p_inschr);
            // A time in a class that ends after its registration was over with that.
            if counts || (last_day < day && last_day <= self.last_day(registration)) {
                periods.push((row.vandatum, last_day));
            } else {
                lapsed.push(*registration);
            }
        }
        if lapsed.is_empty() {
            return vec![match over(&periods, day) {
                Over::Ended(last_day) => Cause::LeftClass { last_day },
                Over::ToCome(first_day) => Cause::ClassToCome { first_day },
                Over::Never => Cause::NotInClass,
            }];
        }
        // The registration that this class belongs to no longer counts.
        lapsed
            .iter()
            .flat_map(|registration| self.registrations_at(&self.org_of(registration), &[registration]))
            .collect()
    }

    /// Why somebody is no longer teacher of a class that is published, be it that they are not published either.
    fn teaching(&self, person: &Persoon, p_klas: i64, before: &Enrollment) -> Vec<Cause> {
        let day = self.context.reference_date;
        let rows = self.context.source.klasfunctiepersoon.iter().filter(|row| {
            row.p_persoon == person.p_persoon && row.p_klas == p_klas && row.p_klasfunctie == CLASS_TEACHER
        });
        let year = self.context.year;
        let periods: Vec<_> = rows
            .map(|row| {
                (
                    row.begindatum.unwrap_or(year.begindatum),
                    row.einddatum.unwrap_or(year.einddatum),
                )
            })
            .filter(|(begin, _)| may_be(before, *begin, day))
            .collect();
        let of_class = over(&periods, day);
        let is_staff = self
            .active
            .get(&person.p_persoon)
            .is_some_and(ActivePerson::is_staff);
        if !is_staff {
            let mut of_person = self.staff(person, &[&before.school.sourced_id]);
            if let Over::Ended(last_day) = of_class {
                let ended = Cause::TeachingEnded { last_day };
                // Teaching that ends with the assignment, or after it, was over with that.
                match of_person.iter().find_map(Cause::last_day) {
                    Some(assigned_until) if last_day < assigned_until => return vec![ended],
                    Some(_) => {}
                    None => of_person.push(ended),
                }
            }
            return of_person;
        }
        vec![match of_class {
            Over::Ended(last_day) => Cause::TeachingEnded { last_day },
            Over::ToCome(first_day) => Cause::TeachingToCome { first_day },
            Over::Never => Cause::NotClassTeacher,
        }]
    }
}

/// Returns `true` if a period that begins on a day may be what an enrollment became: the same one, or one put off.
///
/// Another period, such as an earlier one in the same class, had ended before and is no cause.
fn may_be(before: &Enrollment, begin: NaiveDate, today: NaiveDate) -> bool {
    before.begin_date.is_none_or(|published| published == begin) || begin > today
}

fn key(registration: &Inschrijving) -> (&str, i32, &str) {
    (
        &registration.instelnr,
        registration.vestnrdiscimus,
        &registration.hfdstructuur,
    )
}

/// Whether periods, none of which contains a day, lie before or after it.
enum Over {
    /// The last one that lies before it ends on this day.
    Ended(NaiveDate),
    /// All lie after it, the first beginning on this day.
    ToCome(NaiveDate),
    /// There are none.
    Never,
}

fn over(periods: &[(NaiveDate, NaiveDate)], day: NaiveDate) -> Over {
    let ended = periods.iter().map(|(_, last_day)| *last_day);
    let to_come = periods.iter().map(|(first_day, _)| *first_day);
    match (
        ended.filter(|last_day| *last_day < day).max(),
        to_come.filter(|first_day| *first_day > day).min(),
    ) {
        (Some(last_day), _) => Over::Ended(last_day),
        (None, Some(first_day)) => Over::ToCome(first_day),
        (None, None) => Over::Never,
    }
}

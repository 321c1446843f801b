//! Why a class is published, or is not.

use uuid::Uuid;

use super::super::cause::SiteAbsence;
use super::super::{ProjectionContext, class, project};
use super::ground::site_row;
use super::reason::{ClassAbsence, Reason};
use super::step::{Fact, Step, step};
use super::{Answer, Question, run};
use crate::informat::published_rows::{PublishedRows, org_id_at};
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Klas, Mirror};

pub(super) fn answer(question: &Question<'_>, scoodle_id: Uuid) -> Result<Answer, UnknownSchoolYear> {
    let (answer, _) = answer_with_absence(question, scoodle_id)?;
    Ok(answer)
}

/// Answers, and says why it is not published.
pub(super) fn answer_with_absence(
    question: &Question<'_>,
    scoodle_id: Uuid,
) -> Result<(Answer, Option<ClassAbsence>), UnknownSchoolYear> {
    let Question {
        mirror,
        usernames,
        configuration,
        on,
    } = *question;
    let active_year = configuration.active_school_year.to_string();
    let published_rows = PublishedRows::new(&mirror.schoolvest, configuration);
    let context = ProjectionContext::new(mirror, configuration, &published_rows, &active_year, on)?;
    let Some(klas) = of_id(mirror, scoodle_id, &active_year) else {
        let answer = Answer {
            reason: Reason::Unknown,
            from: None,
            until: None,
            steps: vec![step(Fact::InMirror, false)],
        };
        return Ok((answer, Some(ClassAbsence::Unknown)));
    };
    let key = (
        klas.instelnr.as_str(),
        klas.vestnrdiscimus,
        klas.hfdstructuur.as_str(),
    );
    let org = org_id_at(key, configuration);
    let why_not = SiteAbsence::of(site_row(&context, key), configuration);
    let rows = rows_of(mirror, klas);
    let id = class::sourced_id(klas);
    let has = |roster: &super::super::Roster| roster.classes.iter().any(|class| class.sourced_id == id);
    let roster = project(&rows, usernames, configuration, &active_year, on)?;
    let run = run::around(question, &rows, has)?;
    let absence = (!has(&roster)).then(|| absence(&context, klas, (&org, why_not)));
    let answer = Answer {
        reason: absence.clone().map_or(Reason::Published, Reason::from),
        from: run.map(|(first, _)| first),
        until: run.map(|(_, last)| last),
        steps: vec![
            step(Fact::InMirror, true),
            year_step(&context, klas),
            step(
                Fact::Site {
                    org,
                    absence: why_not,
                },
                why_not.is_none(),
            ),
        ],
    };
    Ok((answer, absence))
}

/// Returns the class with an id: that of the active year, else the newest.
pub(super) fn of_id<'a>(mirror: &'a Mirror, scoodle_id: Uuid, active_year: &str) -> Option<&'a Klas> {
    let of_id = mirror.klassen.iter().filter(|klas| klas.scoodle_id == scoodle_id);
    of_id.max_by_key(|klas| (klas.schooljaar == active_year, &klas.schooljaar))
}

fn absence(
    context: &ProjectionContext<'_>,
    klas: &Klas,
    (org, why): (&str, Option<SiteAbsence>),
) -> ClassAbsence {
    let mut years = context.source.schooljaar.iter();
    let year = years.find(|year| year.schooljaar == klas.schooljaar);
    let school_year = klas.schooljaar.clone();
    match (year, why) {
        (Some(year), _) if year.begindatum < context.year.begindatum => {
            ClassAbsence::YearPast { school_year }
        }
        (_, Some(why)) => ClassAbsence::Site {
            org: org.to_owned(),
            why,
        },
        (Some(year), None) => ClassAbsence::YearToCome {
            school_year,
            begins: year.begindatum,
        },
        (None, None) => ClassAbsence::YearPast { school_year },
    }
}

fn year_step(context: &ProjectionContext<'_>, klas: &Klas) -> Step {
    let mut years = context.source.schooljaar.iter();
    let year = years.find(|year| year.schooljaar == klas.schooljaar);
    Step {
        since: year.map(|year| year.begindatum),
        until: year.map(|year| year.einddatum),
        ..step(
            Fact::SchoolYear {
                school_year: klas.schooljaar.clone(),
            },
            klas.schooljaar == context.year.schooljaar,
        )
    }
}

/// The mirror with this class alone.
fn rows_of(mirror: &Mirror, klas: &Klas) -> Mirror {
    Mirror {
        schooljaar: mirror.schooljaar.clone(),
        school: mirror.school.clone(),
        schoolvest: mirror.schoolvest.clone(),
        klassen: vec![klas.clone()],
        ..Mirror::default()
    }
}

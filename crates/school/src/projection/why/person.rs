//! Why a person is published, or is not.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::naming::Naming;
use super::super::person::{ActivePerson, active_people};
use super::super::{ProjectionContext, Roster, project};
use super::ground::{self, Hindered};
use super::step::{Fact, Step, step};
use super::{Answer, Question, Reason, run};
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Mirror, Persoon};
use crate::username::Record;

pub(super) fn answer(question: &Question<'_>, rowguid: Uuid) -> Result<Answer, UnknownSchoolYear> {
    let Question {
        mirror,
        usernames,
        configuration,
        on,
    } = *question;
    let active_year = configuration.active_school_year.to_string();
    let record = usernames.get(&rowguid);
    let Some(person) = mirror.persoon.iter().find(|person| person.rowguid == rowguid) else {
        let steps = std::iter::once(step(Fact::InMirror, false));
        return Ok(Answer {
            reason: Reason::Unknown,
            from: None,
            until: None,
            steps: steps.chain(record_steps(record, None)).collect(),
        });
    };
    let rows = rows_of(mirror, person);
    let published_rows = PublishedRows::new(&rows.schoolvest, configuration);
    let context = ProjectionContext::new(&rows, configuration, &published_rows, &active_year, on)?;
    let active = active_people(&context);
    let active = active.get(&person.p_persoon);
    let naming = active.and_then(|active| Naming::of(configuration, active));
    let (grounds, hindered) = grounds(&context, active);
    let id = rowguid.hyphenated().to_string();
    let has = |roster: &Roster| roster.users.iter().any(|user| user.sourced_id == id);
    let roster = project(&rows, usernames, configuration, &active_year, on)?;
    let reason = if has(&roster) {
        Reason::Published
    } else if active.is_some() {
        of_record(record)
    } else {
        let nearest = hindered.into_iter().min_by_key(Hindered::rank);
        nearest.map_or(Reason::Nowhere, |hindered| hindered.reason)
    };
    let run = run::around(question, &rows, has)?;
    let steps = std::iter::once(step(Fact::InMirror, true))
        .chain(grounds)
        .chain(record_steps(record, naming.as_ref()))
        .chain(class_steps(&roster));
    Ok(Answer {
        reason,
        from: run.map(|(first, _)| first),
        until: run.map(|(_, last)| last),
        steps: steps.collect(),
    })
}

/// Why somebody who is there on the day is not published: something about their username.
pub(super) fn of_record(record: Option<&Record>) -> Reason {
    match record {
        None => Reason::NoUsername,
        Some(record) if record.sync => Reason::NoDomain,
        Some(record) if !record.waits_for.is_empty() => Reason::Waits {
            waits_for: record.waits_for.clone(),
        },
        Some(_) => Reason::FlagOff,
    }
}

/// Returns a step for each registration and assignment, the earliest first, and what stands in the way of those that do not count.
pub(super) fn grounds(
    context: &ProjectionContext<'_>,
    active: Option<&ActivePerson<'_>>,
) -> (Vec<Step>, Vec<Hindered>) {
    let pupil = active.and_then(|active| active.pupil.as_ref());
    let counting: BTreeSet<i64> = pupil
        .iter()
        .flat_map(|pupil| pupil.registrations.iter().map(|row| row.p_inschr))
        .collect();
    let (mut steps, mut all_hindered) = (Vec::new(), Vec::new());
    for row in &context.source.inschrijving {
        let holds = counting.contains(&row.p_inschr);
        let hindered = (!holds).then(|| ground::of_registration(context, row));
        steps.push(Step {
            since: Some(row.begindatum),
            until: row.einddatum,
            ..step(
                Fact::Registration {
                    org: ground::org_of_registration(context, row),
                    school_year: row.schooljaar.clone(),
                    obstacle: hindered.as_ref().map(|hindered| hindered.obstacle),
                },
                holds,
            )
        });
        all_hindered.extend(hindered);
    }
    for row in &context.source.opdracht {
        let holds = row.contains(context.reference_date, context.configuration.staff_grace_days)
            && context.rows.covered_by(row).next().is_some();
        let hindered = (!holds).then(|| ground::of_assignment(context, row));
        steps.push(Step {
            since: row.begindatum,
            until: row.einddatum,
            ..step(
                Fact::Assignment {
                    orgs: ground::orgs_of_assignment(context, row),
                    obstacle: hindered.as_ref().map(|hindered| hindered.obstacle),
                },
                holds,
            )
        });
        all_hindered.extend(hindered);
    }
    steps.sort_by_key(|step| step.since);
    (steps, all_hindered)
}

/// The steps about the username. Whether a domain is missing is known only of somebody who is there on the day.
pub(super) fn record_steps(record: Option<&Record>, naming: Option<&Naming>) -> Vec<Step> {
    let local_part = record.map(|record| record.local_part.clone());
    let mut steps = vec![step(Fact::Username { local_part }, record.is_some())];
    let Some(record) = record else { return steps };
    let waits_for = record.waits_for.clone();
    steps.push(step(Fact::Sync { waits_for }, record.sync));
    if let Some(naming) = naming {
        let username = naming.username(record);
        let is_known = username.is_some();
        steps.push(step(Fact::Domain { username }, is_known));
    }
    steps
}

/// The classes that a person is in on the day.
pub(super) fn class_steps(roster: &Roster) -> Vec<Step> {
    let titles = |id: &str| {
        let mut classes = roster.classes.iter();
        classes
            .find(|class| class.sourced_id == id)
            .map(|class| class.content.title.clone())
    };
    let steps = roster.enrollments.iter().map(|enrollment| {
        let enrollment = &enrollment.content;
        let sourced_id = enrollment.class.sourced_id.clone();
        Step {
            since: enrollment.begin_date,
            until: enrollment.end_date,
            ..step(
                Fact::Class {
                    title: titles(&sourced_id).unwrap_or_default(),
                    sourced_id,
                    role: enrollment.role,
                },
                true,
            )
        }
    });
    steps.collect()
}

/// The mirror with this person alone, and the classes they were ever in.
pub(super) fn rows_of(mirror: &Mirror, person: &Persoon) -> Mirror {
    let p_persoon = person.p_persoon;
    let of_person = mirror
        .inschrijving
        .iter()
        .filter(|row| row.p_persoon == p_persoon);
    let inschrijving: Vec<_> = of_person.cloned().collect();
    let registrations: BTreeSet<i64> = inschrijving.iter().map(|row| row.p_inschr).collect();
    let members = mirror
        .inschrklas
        .iter()
        .filter(|row| registrations.contains(&row.p_inschr));
    let inschrklas: Vec<_> = members.cloned().collect();
    let functions = mirror
        .klasfunctiepersoon
        .iter()
        .filter(|row| row.p_persoon == p_persoon);
    let klasfunctiepersoon: Vec<_> = functions.cloned().collect();
    let classes: BTreeSet<i64> = inschrklas
        .iter()
        .map(|row| row.p_klas)
        .chain(klasfunctiepersoon.iter().map(|row| row.p_klas))
        .collect();
    Mirror {
        schooljaar: mirror.schooljaar.clone(),
        school: mirror.school.clone(),
        schoolvest: mirror.schoolvest.clone(),
        persoon: vec![person.clone()],
        klassen: mirror
            .klassen
            .iter()
            .filter(|klas| classes.contains(&klas.p_klas))
            .cloned()
            .collect(),
        opdracht: mirror
            .opdracht
            .iter()
            .filter(|row| row.p_persoon == p_persoon)
            .cloned()
            .collect(),
        inschrijving,
        inschrklas,
        klasfunctiepersoon,
    }
}

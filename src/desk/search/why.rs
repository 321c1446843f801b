//! Why somebody or something is published, within what who asks may see.

use std::sync::Arc;

use chrono::NaiveDate;
use oneroster_school::data_quality::Finding;
use oneroster_school::directory::Entry;
use oneroster_school::projection::why::{Answer, Fact};
use sqlx::PgPool;

use super::answer::{Findings, ShownFinding, WhyAnswer};
use super::known::Known;
use super::looked::{Looked, WhyAsked};
use super::sentence::Words;
use super::{Asker, steps};
use crate::db::scope;
use crate::desk::language;
use crate::publication::Error;
use crate::publication::why::{Became, Found, became};
use crate::report::why::reason_word;

/// Answers why; `None` for what does not exist and for what who asks may not see.
pub async fn why(
    pool: &PgPool,
    (tenant_id, known): (&str, Arc<Known>),
    asker: &Asker,
    what: WhyAsked,
) -> Result<Option<WhyAnswer>, Error> {
    let on = what.on.unwrap_or_else(|| known.today());
    let Some((found, answer)) = look(&known, asker, what, on)? else {
        return Ok(None);
    };
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let days = (on, known.today());
    let outcome = became(&mut transaction, tenant_id, &found, days, &answer).await?;
    transaction.commit().await?;
    Ok(shown(&known, asker, what, (found, answer, outcome, on)))
}

fn look(
    known: &Known,
    asker: &Asker,
    what: WhyAsked,
    on: NaiveDate,
) -> Result<Option<(Found, Answer)>, Error> {
    let (seen, question) = (asker.sees(known), known.question(on));
    let Some(looked) = Looked::find(&seen, &question, what) else {
        return Ok(None);
    };
    let answer = looked.answer()?;
    let Some((kind, sourced_id)) = looked.subject().and_then(|subject| subject.object(&question)) else {
        return Ok(None);
    };
    let Some(subject) = looked.subject() else {
        return Ok(None);
    };
    let found = Found {
        subject,
        kind,
        sourced_id,
        label: String::new(),
    };
    Ok(Some((found, answer)))
}

fn shown(
    known: &Known,
    asker: &Asker,
    what: WhyAsked,
    (found, answer, mut outcome, on): (Found, Answer, Became, NaiveDate),
) -> Option<WhyAnswer> {
    let (seen, question) = (asker.sees(known), known.question(on));
    let looked = Looked::find(&seen, &question, what)?;
    let words = Words {
        language: asker.language,
        seen: &seen,
    };
    if !looked.is_whole() && !answer.is_published() {
        // What is served of them is so by places that are not shown.
        (outcome.served, outcome.read, outcome.held) = (None, None, None);
    }
    let is_held = outcome.held.is_some();
    let id = |entry: Option<&Entry>| entry.map(|entry| entry.id.hyphenated().to_string());
    let record = what
        .person
        .and_then(|person| known.listing.usernames.get(&person));
    Some(WhyAnswer {
        kind: found.kind,
        person: id(looked.person),
        class: id(looked.class),
        label: looked.label(&words),
        places: looked.places(),
        on,
        published: answer.is_published(),
        served: outcome.served.map(|served| served.is_there),
        reason: if is_held {
            "held"
        } else {
            reason_word(&answer.reason)
        }
        .to_owned(),
        sentence: if is_held {
            words.held()
        } else {
            words.sentence(&answer, found.kind)
        },
        change: if is_held {
            Some(words.change_of_held())
        } else {
            words.change(&answer.reason)
        },
        from: answer.from,
        until: answer.until,
        username: record.map(|record| record.local_part.clone()),
        login: login(&answer).or_else(|| record.map(|record| record.local_part.clone())),
        steps: steps::steps(&words, &looked, (&answer, &outcome), record),
    })
}

/// Returns the username as it is sent.
fn login(answer: &Answer) -> Option<String> {
    answer.steps.iter().find_map(|step| {
        if let Fact::Domain { username } = &step.fact {
            username.clone()
        } else {
            None
        }
    })
}

/// Returns what is probably not right; `None` as [`why`]. Of somebody who is also at places that are not shown nothing is said: it
/// may be about those.
pub(in crate::desk) async fn findings(
    pool: &PgPool,
    (tenant_id, known): (&str, &Known),
    asker: &Asker,
    what: WhyAsked,
) -> Result<Option<Findings>, Error> {
    let on = known.today();
    let Some((found, _)) = look(known, asker, what, on)? else {
        return Ok(None);
    };
    let all = known.findings(pool, tenant_id).await?;
    let is_whole = {
        let (seen, question) = (asker.sees(known), known.question(on));
        Looked::find(&seen, &question, what).is_some_and(|looked| looked.is_whole())
    };
    let mut about = found.subject.findings(&(found.kind, found.sourced_id), all);
    about.retain(|_| is_whole);
    about.sort_by_key(|finding| (finding.severity, finding.rule));
    about.dedup_by_key(|finding| finding.rule);
    let shown = |finding: &Finding| {
        let key = format!("overview-rule-{}", finding.rule.id());
        ShownFinding {
            rule: finding.rule.id(),
            severity: finding.severity.as_str(),
            text: language::text(asker.language, &key),
            what_to_do: language::text(asker.language, &format!("{key}-do")),
        }
    };
    Ok(Some(Findings {
        findings: about.iter().map(shown).collect(),
    }))
}

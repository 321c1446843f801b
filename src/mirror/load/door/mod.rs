//! The door: guards and remarks of a load, told from the staged rows and the mirror as it still is.
//!
//! The rules are pure ([`oneroster_school::door`]); here is what they ask for, read set by set: rows that change, ids that
//! were known before, orgs of whom it is about.

mod changes;
mod message;
mod orgs;
mod replaced;
mod time;

use oneroster_school::door::{
    Change, Class, FirstTexts, FoundIdChange, Guard, IdChange, IdVerdict, OrgShare, Person, Share,
    changed_names, class_id_changes, damaged_texts, person_id_changes, speaks_for_org, too_many_ids_changed,
    turned_names, turned_titles, turnover, turns_doubtful,
};
use oneroster_school::text::TextUse;
use sqlx::PgConnection;

pub(super) use time::active_year;

use crate::mirror::acceptance::{Acceptance, GuardReport};
use crate::mirror::bundle::{Bundle, Staged};
use crate::mirror::layout::{KLASSEN, PERSOON};
use crate::mirror::remark::{Example, Places, Remark, Subject};
use crate::mirror::rule::{Fault, Faults};

/// A guard that speaks: how many of how many, and what it says.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) guard: Guard,
    pub(super) share: Share,
    pub(super) message: String,
    /// Faults that stand for it until it is accepted.
    pub(super) faults: Faults,
}

impl Spoken {
    fn new(guard: Guard, share: Share, message: String) -> Self {
        Self {
            guard,
            share,
            message,
            faults: Faults::default(),
        }
    }

    fn with_fault(guard: Guard, message: String, fault: Fault) -> Self {
        let mut spoken = Self::new(guard, Share { count: 1, of: 1 }, message);
        spoken.faults.push(fault);
        spoken
    }
}

/// What the door found.
#[derive(Debug, Default)]
pub(super) struct Examined {
    pub(super) spoken: Vec<Spoken>,
    pub(super) remarks: Vec<Remark>,
    pub(super) id_changes: Vec<IdChange>,
}

/// Turns what guards say into reports, in the order of the guards. Faults that stand for one that nobody accepted are added to
/// `faults`.
pub(super) fn settle(
    mut spoken: Vec<Spoken>,
    acceptance: &Acceptance,
    faults: &mut Faults,
) -> Vec<GuardReport> {
    spoken.sort_by_key(|spoken| spoken.guard);
    let reports = spoken.into_iter().map(|spoken| {
        let accepted = acceptance.accepts(spoken.guard);
        if !accepted {
            faults.append(spoken.faults);
        }
        GuardReport {
            guard: spoken.guard,
            count: spoken.share.count,
            of: spoken.share.of,
            message: spoken.message,
            accepted,
        }
    });
    reports.collect()
}

/// What the text guard needs of all tables.
#[derive(Default)]
struct TextsOfLoad {
    /// Keys of texts that turn doubtful, once per text, such as `p_persoon 12`.
    turned: Vec<String>,
    /// How many texts there were.
    before: u64,
    /// Those of tables that held nothing.
    first: FirstTexts,
}

/// Looks at a bundle that is staged and not merged yet.
pub(super) async fn examine(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
) -> Result<Examined, sqlx::Error> {
    let mut examined = Examined::default();
    examined
        .spoken
        .extend(time::extraction(transaction, tenant_id, bundle).await?);
    let mut texts = TextsOfLoad::default();
    for staged in bundle.tables.iter().filter(|staged| has_texts(staged)) {
        if staged.is_held {
            texts.before += staged.texts.count;
            continue;
        }
        let held = changes::held(transaction, tenant_id, staged.table).await?;
        texts.before += held.texts;
        if held.rows == 0 {
            texts.first += staged.texts.first;
            continue;
        }
        let scope = (tenant_id, bundle.mode);
        match staged.table.name {
            PERSOON => {
                let changes = changes::people(transaction, scope, staged.table).await?;
                let turned = turned_names(&changes);
                texts
                    .turned
                    .extend(turned.iter().map(|key| message::person_key(*key)));
                people(transaction, tenant_id, (&changes, held.rows), &mut examined).await?;
            }
            KLASSEN => {
                let changes = changes::classes(transaction, scope, staged.table).await?;
                let turned = turned_titles(&changes);
                texts
                    .turned
                    .extend(turned.iter().map(|key| message::class_key(*key)));
                classes(transaction, tenant_id, &changes, &mut examined).await?;
            }
            _ => {
                let changes = changes::texts(transaction, scope, staged.table).await?;
                let turned = changes.into_iter().filter(|text| {
                    turns_doubtful(text.before.as_deref(), text.after.as_deref(), TextUse::Title)
                });
                texts
                    .turned
                    .extend(turned.map(|text| message::school_key(&text.instelnr)));
            }
        }
    }
    let turned = Share {
        count: texts.turned.len() as u64,
        of: texts.before,
    };
    if let Some(share) = damaged_texts(turned, texts.first) {
        let message = message::damaged_text(share, &texts.turned);
        examined
            .spoken
            .push(Spoken::new(Guard::DamagedText, share, message));
    }
    replaced::examine(transaction, tenant_id, bundle, &mut examined).await?;
    remark_on_texts(&bundle.tables, &mut examined.remarks);
    Ok(examined)
}

/// Returns `true` for a file that was read to its end and has names or codes.
fn has_texts(staged: &Staged) -> bool {
    staged.complete && !changes::text_columns(staged.table).is_empty()
}

/// The guards about people. `known` is how many there are before the load.
async fn people(
    transaction: &mut PgConnection,
    tenant_id: &str,
    (changes, known): (&[Change<Person>], u64),
    examined: &mut Examined,
) -> Result<(), sqlx::Error> {
    let ids = changes
        .iter()
        .filter_map(|change| change.after.as_ref())
        .map(|person| person.id);
    let had_before = changes::had_before(transaction, tenant_id, PERSOON, ids).await?;
    let found = person_id_changes(changes, &had_before);
    let same = keys(&found, |found| found.is_same);
    let share = Share {
        count: same.len() as u64,
        of: known,
    };
    let of_orgs = orgs::of_people(transaction, tenant_id, &same).await?;
    if too_many_ids_changed(share, &of_orgs) {
        let message = message::person_ids_changed(share, &same, &speaking(of_orgs));
        examined
            .spoken
            .push(Spoken::new(Guard::PersonIdsChanged, share, message));
    }
    let names = changed_names(changes, known);
    if names.speaks() {
        let message = message::names_changed(&names);
        examined
            .spoken
            .push(Spoken::new(Guard::NamesChanged, names.share, message));
    }
    let turnover = turnover(changes, &found, known);
    if turnover.speaks() {
        let message = message::other_group(turnover);
        examined
            .spoken
            .push(Spoken::new(Guard::OtherGroup, turnover.strangers, message));
    }
    keep_id_changes(tenant_id, &found, examined);
    Ok(())
}

/// The guard about classes.
async fn classes(
    transaction: &mut PgConnection,
    tenant_id: &str,
    changes: &[Change<Class>],
    examined: &mut Examined,
) -> Result<(), sqlx::Error> {
    let ids = changes
        .iter()
        .filter_map(|change| change.after.as_ref())
        .map(|class| class.id);
    let had_before = changes::had_before(transaction, tenant_id, KLASSEN, ids).await?;
    let found = class_id_changes(changes, &had_before);
    let keys = keys(&found, |_| true);
    let of_classes = orgs::of_classes(transaction, tenant_id, &keys).await?;
    if too_many_ids_changed(of_classes.share, &of_classes.of_orgs) {
        let message = message::class_ids_changed(of_classes.share, &keys, &speaking(of_classes.of_orgs));
        let spoken = Spoken::new(Guard::ClassIdsChanged, of_classes.share, message);
        examined.spoken.push(spoken);
    }
    keep_id_changes(tenant_id, &found, examined);
    Ok(())
}

fn keys(found: &[FoundIdChange], wanted: fn(&FoundIdChange) -> bool) -> Vec<i64> {
    let wanted = found.iter().filter(|found| wanted(found));
    wanted.map(|found| found.change.key).collect()
}

fn speaking(mut of_orgs: Vec<OrgShare>) -> Vec<OrgShare> {
    of_orgs.retain(speaks_for_org);
    of_orgs
}

/// Notes each change of an id, and remarks on it.
fn keep_id_changes(tenant_id: &str, found: &[FoundIdChange], examined: &mut Examined) {
    for verdict in IdVerdict::ALL {
        let (subject, file, column) = match verdict {
            IdVerdict::PersonIdChanged => (Subject::PersonIdChanged, "persoon.csv", "rowguid"),
            IdVerdict::PersonKeyReused => (Subject::PersonKeyReused, "persoon.csv", "rowguid"),
            IdVerdict::ClassIdChanged => (Subject::ClassIdChanged, "klassen.csv", "scoodle_id"),
        };
        let mut places = Places::default();
        for found in found.iter().filter(|found| found.change.verdict == verdict) {
            places.add(|| Example {
                command: message::transfer(tenant_id, found),
                line: found.line,
                ..Example::new(file, 0, column, &found.change.after.to_string())
            });
        }
        examined.remarks.extend(places.remark(subject));
    }
    examined.id_changes.extend(found.iter().map(|found| found.change));
}

/// Remarks on what the texts of the bundle look like, whatever the mirror holds.
fn remark_on_texts(tables: &[Staged], remarks: &mut Vec<Remark>) {
    let (mut doubtful, mut placeholders) = (Places::default(), Places::default());
    for staged in tables {
        doubtful.extend(&staged.texts.doubtful);
        placeholders.extend(&staged.texts.placeholders);
    }
    remarks.extend(doubtful.remark(Subject::DamagedText));
    remarks.extend(placeholders.remark(Subject::PlaceholderPerson));
}

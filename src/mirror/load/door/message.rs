//! What the guards say: what would happen, how many of how many, which for example, what to do and what to type. Keys and
//! ids only, since it is logged.

use std::fmt::Write;

use oneroster_school::door::{ChangedNames, FoundIdChange, Guard, IdVerdict, OrgShare, Share, Turnover};

/// How many keys are named.
const KEYS_LIMIT: usize = 5;

/// What to type; `what_if` is when that is right.
fn accept(guard: Guard, what_if: &str) -> String {
    format!("{what_if}: --accept {guard} --by NAME (--force does it only together with --by)")
}

fn examples<T: ToString>(keys: &[T]) -> String {
    let mut text = keys
        .iter()
        .take(KEYS_LIMIT)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    if keys.len() > KEYS_LIMIT {
        text.push_str(", …");
    }
    text
}

fn by_org(of_orgs: &[OrgShare]) -> String {
    let mut text = String::new();
    for of_org in of_orgs {
        let Share { count, of } = of_org.share;
        // Writing to a String cannot fail.
        let _ = write!(text, "; {count} of {of} in org {}", of_org.org);
    }
    text
}

pub(super) fn person_key(key: i64) -> String {
    format!("p_persoon {key}")
}

pub(super) fn class_key(key: i64) -> String {
    format!("p_klas {key}")
}

pub(super) fn school_key(instelnr: &str) -> String {
    format!("instelnr {instelnr}")
}

pub(super) fn person_ids_changed(Share { count, of }: Share, keys: &[i64], of_orgs: &[OrgShare]) -> String {
    format!(
        "{count} of {of} known people come with a rowguid that nobody had before (p_persoon {}{}): Microsoft would make \
         new accounts for them and take away those they have; have their old ids restored and export again; {}",
        examples(keys),
        by_org(of_orgs),
        accept(
            Guard::PersonIdsChanged,
            "if the new ids are to stay, load it, and hand each username over with oneroster usernames transfer"
        )
    )
}

pub(super) fn class_ids_changed(Share { count, of }: Share, keys: &[i64], of_orgs: &[OrgShare]) -> String {
    format!(
        "{count} of {of} known classes come with a scoodle_id that no class of their school year had before (p_klas {}{}): \
         Microsoft would make new Teams for them and archive those they have, with the files in them; have the old ids \
         restored and export again; {}",
        examples(keys),
        by_org(of_orgs),
        accept(Guard::ClassIdsChanged, "if new Teams are wanted")
    )
}

pub(super) fn names_changed(names: &ChangedNames) -> String {
    let Share { count, of } = names.share;
    format!(
        "{count} of {of} people who stay get another given or family name, or lose one (p_persoon {}): columns may have \
         been exchanged or sorted apart; compare some of them with Informat and export again; {}",
        examples(&names.keys),
        accept(Guard::NamesChanged, "if the names are right")
    )
}

pub(super) fn other_group(Turnover { strangers, gone }: Turnover) -> String {
    format!(
        "{} of {} people are strangers, and {} of the {} known are gone: this seems to be the export of another school \
         group; look whether tenant and bundle belong together; {}",
        strangers.count,
        strangers.of,
        gone.count,
        gone.of,
        accept(
            Guard::OtherGroup,
            "if these are the people of this tenant from now on"
        )
    )
}

/// `turned` are the keys of texts that were healthy; empty in a first load.
pub(super) fn damaged_text(Share { count, of }: Share, turned: &[String]) -> String {
    let what = if turned.is_empty() {
        format!("{count} of {of} texts that are doubtful or have letters outside ASCII are doubtful")
    } else {
        format!(
            "{count} of {of} texts of the mirror were healthy and come doubtful ({})",
            examples(turned)
        )
    };
    format!(
        "{what}: encoded twice, with ? or U+FFFD for letters, or with HTML entities; usernames made of them would be wrong \
         for good, and Teams would get them as titles; export again as UTF-8; {}",
        accept(Guard::DamagedText, "if the texts are meant so")
    )
}

pub(super) fn replacement_character(Share { count, of }: Share, places: &[String]) -> String {
    format!(
        "{count} of {of} texts hold U+FFFD, the sign for characters that were lost ({}): export again as UTF-8; {}",
        examples(places),
        accept(
            Guard::ReplacementCharacter,
            "if Informat itself has them so, until they are mended there"
        )
    )
}

/// The command that hands a username over, for people who are the same for certain.
pub(super) fn transfer(tenant_id: &str, found: &FoundIdChange) -> Option<String> {
    let change = found.change;
    (change.verdict == IdVerdict::PersonIdChanged && found.is_same).then(|| {
        format!(
            "oneroster usernames transfer --tenant {tenant_id} --from {} --to {}",
            change.before, change.after
        )
    })
}

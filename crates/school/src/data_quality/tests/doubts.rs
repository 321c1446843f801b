//! Scenes about who is who: damaged names, placeholders, people and classes under another id, the other tenant.

use uuid::Uuid;

use super::Object::{Class, Org, User};
use super::{Case, Examined, check};
use crate::data_quality::{Neighbour, Rule};
use crate::door::{IdChange, IdVerdict};
use crate::projection::tests::{MARKT, World, day, rowguid};
use crate::tenant::configuration::DomainMode;
use crate::username::{Origin, Record, WaitReason};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = texts();
    cases.extend(identities());
    cases.extend(neighbours());
    cases
}

#[test]
fn damaged_texts_and_people_who_are_none() {
    check(&texts());
}

fn texts() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::DamagedText,
            triggers: |examined| {
                examined.person(1).voornaam = Some("JosÃ©".to_owned());
                examined.world.mirror.klassen[1].klas = Some("TweeÃ«n".to_owned());
                examined.world.mirror.schoolvest[2].vestiging = "Kade Caf&eacute;".to_owned();
            },
            found: &[User(1), Class(2), Org("001507-2")],
            says: "looks damaged",
            does_not: |examined| {
                examined.person(1).voornaam = Some("JOÃO".to_owned());
                examined.person(2).naam = Some("LÍŠKA".to_owned());
                examined.world.mirror.klassen[1].klas = Some("3A?".to_owned());
                examined.world.mirror.schoolvest[2].vestiging = "Café & Co".to_owned();
            },
        },
        Case {
            rule: Rule::PlaceholderPerson,
            triggers: |examined| {
                (examined.person(11).voornaam, examined.person(11).naam) =
                    (Some("N.".to_owned()), Some("N.N.".to_owned()));
            },
            found: &[User(11)],
            says: "`oneroster usernames sync --tenant t on --user 00000000-0000-0000-0000-0000abcd000b`",
            does_not: |examined| {
                (examined.person(1).voornaam, examined.person(1).naam) =
                    (Some("Test".to_owned()), Some("De Test".to_owned()));
                // Somebody said that it is a name.
                examined.person(1).voornaam = Some("Inconnu".to_owned());
                examined.record(1).answered.insert(WaitReason::Placeholder);
            },
        },
    ]
}

#[test]
fn a_damaged_name_says_which_and_how_and_never_the_name_and_asks_for_no_second_review() {
    let mut examined = Examined::healthy();
    examined.person(1).naam = Some("P?eters".to_owned());
    examined.record(1).needs_review = true;
    let found = examined.examine();
    let [finding] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(finding.rule, Rule::DamagedText);
    assert!(
        finding
            .message
            .starts_with("the family name of \"p1\" looks damaged: letters were lost; a question mark"),
        "{finding:?}"
    );
    assert!(!finding.message.contains("P?eters"));
}

/// Somebody who is still to come is looked at before they get an account.
#[test]
fn people_of_the_future_are_looked_at_too_and_people_who_left_are_not() {
    let mut examined = Examined::healthy();
    examined.person(1).voornaam = Some("JosÃ©".to_owned());
    examined.world.mirror.inschrijving[0].begindatum = day("2027-01-11");
    assert_eq!(examined.of(Rule::DamagedText).len(), 1);
    examined.world.mirror.inschrijving[0].begindatum = day("2026-09-01");
    examined.leaves(1, "2026-09-30");
    assert_eq!(examined.of(Rule::DamagedText), []);
}

#[test]
fn people_and_classes_that_came_under_another_id() {
    check(&identities());
}

const FORMER: Uuid = Uuid::from_u128(0xF0);

/// Keeps a record, of which the mirror knows nobody any more.
fn record_of_former(examined: &mut Examined, rowguid: Uuid) {
    let record = Record::new(rowguid, "jan.peters".to_owned(), chrono::DateTime::UNIX_EPOCH);
    examined.world.usernames.insert(rowguid, record);
}

/// Person 1 was `FORMER` before.
fn renewed(examined: &mut Examined, verdict: IdVerdict) {
    record_of_former(examined, FORMER);
    examined.id_changes.push(IdChange {
        key: 1,
        before: FORMER,
        after: rowguid(1),
        verdict,
    });
}

/// Person 1 waits because they resemble `FORMER`.
fn resembling(examined: &mut Examined, reason: WaitReason) {
    record_of_former(examined, FORMER);
    let record = examined.record(1);
    record.sync = false;
    record.resembles = Some(FORMER);
    record.waits_for.insert(reason);
}

fn class_id(examined: &mut Examined, after: Uuid) {
    examined.id_changes.push(IdChange {
        key: 1,
        before: FORMER,
        after,
        verdict: IdVerdict::ClassIdChanged,
    });
}

fn identities() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::PersonIdChanged,
            triggers: |examined| renewed(examined, IdVerdict::PersonIdChanged),
            found: &[User(1)],
            says: "the same person: `oneroster usernames transfer --tenant t --from 00000000-0000-0000-0000-0000000000f0 --to \
                   00000000-0000-0000-0000-0000abcd0001`; somebody else: `oneroster usernames sync --tenant t on --user",
            does_not: |examined| {
                renewed(examined, IdVerdict::PersonIdChanged);
                examined.world.usernames.get_mut(&FORMER).unwrap().handed_to = Some(rowguid(1));
            },
        },
        Case {
            rule: Rule::ProbablyMerged,
            triggers: |examined| resembling(examined, WaitReason::ProbablyMerged),
            found: &[User(1)],
            says: "\"p1\" waits: 00000000-0000-0000-0000-0000000000f0 (\"jan.peters\"), who left, has the same names and birth date. \
                   the same person: `oneroster usernames transfer",
            does_not: |examined| {
                resembling(examined, WaitReason::ProbablyMerged);
                // Of one who is known by the key as well another rule says the same.
                examined.record(1).waits_for.insert(WaitReason::PersonIdChanged);
            },
        },
        Case {
            rule: Rule::UsernameNotOfThisName,
            triggers: |examined| made_by_system(examined, "noor.maes"),
            found: &[User(1)],
            says: "never served, so no account hangs on it yet: `oneroster usernames regenerate --tenant t --user 0000",
            does_not: |examined| made_by_system(examined, "Noor.Naam1"),
        },
        Case {
            rule: Rule::PersonKeyReused,
            triggers: |examined| renewed(examined, IdVerdict::PersonKeyReused),
            found: &[User(1)],
            says: "never hand the former username over",
            does_not: |examined| renewed(examined, IdVerdict::PersonIdChanged),
        },
        Case {
            rule: Rule::ClassIdChanged,
            triggers: |examined| {
                let now = examined.world.mirror.klassen[0].scoodle_id;
                class_id(examined, now);
            },
            found: &[Class(1)],
            says: "before it was 00000000-0000-0000-0000-0000000000f0",
            // The old id was restored, or a third one came.
            does_not: |examined| class_id(examined, Uuid::from_u128(0xF1)),
        },
    ]
}

/// Person 1 has a name that the system made.
fn made_by_system(examined: &mut Examined, local_part: &str) {
    let record = examined.record(1);
    record.origin = Origin::Generated;
    record.local_part = local_part.to_owned();
}

/// The format and the length count as the names do; what somebody typed is theirs, and what was served stays.
#[test]
fn a_username_of_another_name_or_format_says_whether_it_was_served() {
    let found = |change: fn(&mut Examined)| {
        let mut examined = Examined::healthy();
        made_by_system(&mut examined, "noor.naam1");
        change(&mut examined);
        let findings = examined.of(Rule::UsernameNotOfThisName);
        findings.into_iter().next().map(|finding| finding.message)
    };
    assert_eq!(found(|_| ()), None);
    assert_eq!(
        found(|examined| made_by_system(examined, "noor.naam12")),
        None,
        "a suffix"
    );
    let format: fn(&mut Examined) =
        |examined| examined.world.configuration.username_format = "{familienaam}.{voornaam}".parse().unwrap();
    assert!(found(format).unwrap().contains("usernames regenerate"));
    let served: fn(&mut Examined) = |examined| {
        examined.person(1).naam = Some("Maes".to_owned());
        examined.final_usernames.insert(rowguid(1));
    };
    let message = found(served).unwrap();
    assert!(
        message.contains("it was served") && !message.contains("regenerate"),
        "{message}"
    );
    assert_eq!(
        found(|examined| {
            examined.person(1).naam = Some("Maes".to_owned());
            examined.record(1).origin = Origin::Csv;
        }),
        None
    );
}

/// Handed over, gone, back under the old id, or answered: then it is settled.
#[test]
fn a_changed_id_is_told_until_it_is_handed_over_or_gone_or_somebody_said_that_they_are_two() {
    let found = |change: fn(&mut Examined)| {
        let mut examined = Examined::healthy();
        renewed(&mut examined, IdVerdict::PersonIdChanged);
        change(&mut examined);
        examined.of(Rule::PersonIdChanged).len()
    };
    assert_eq!(found(|_| ()), 1);
    let settled: [fn(&mut Examined); 5] = [
        |examined| drop(examined.world.usernames.remove(&FORMER)),
        |examined| examined.leaves(1, "2026-09-30"),
        |examined| examined.record(1).answered = [WaitReason::PersonIdChanged].into(),
        |examined| examined.id_changes[0].after = Uuid::from_u128(0xF1),
        |examined| {
            // The former id came back under another key: that is another person, or the same one renumbered.
            examined.world.person(50);
            examined.person(50).rowguid = FORMER;
        },
    ];
    for (number, change) in settled.into_iter().enumerate() {
        assert_eq!(found(change), 0, "{number}");
    }
}

#[test]
fn a_person_who_changed_id_twice_is_followed_back_to_the_record_that_holds_the_name() {
    let mut examined = Examined::healthy();
    let between = Uuid::from_u128(0xF1);
    record_of_former(&mut examined, FORMER);
    for (before, after) in [(FORMER, between), (between, rowguid(1))] {
        examined.id_changes.push(IdChange {
            key: 1,
            before,
            after,
            verdict: IdVerdict::PersonIdChanged,
        });
    }
    let found = examined.of(Rule::PersonIdChanged);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .message
            .contains("--from 00000000-0000-0000-0000-0000000000f0 --to"),
        "{found:?}"
    );
}

#[test]
fn a_waiting_person_whose_key_is_known_is_told_once_also_when_no_load_saw_the_change() {
    let mut examined = Examined::healthy();
    resembling(&mut examined, WaitReason::PersonIdChanged);
    assert_eq!(examined.of(Rule::PersonIdChanged).len(), 1);
    renewed(&mut examined, IdVerdict::PersonIdChanged);
    assert_eq!(examined.of(Rule::PersonIdChanged).len(), 1);
}

#[test]
fn of_a_merge_that_left_the_row_it_is_told_that_the_row_must_go_first() {
    let mut examined = Examined::healthy();
    resembling(&mut examined, WaitReason::ProbablyMerged);
    examined.world.person(50);
    examined.person(50).rowguid = FORMER;
    let found = examined.of(Rule::ProbablyMerged);
    assert!(
        found[0]
            .message
            .contains("whose row Informat still has: merge the two there and import that first"),
        "{found:?}"
    );
}

/// R139: two tenants of one Entra tenant.
#[test]
fn r139_institutions_and_usernames_that_another_tenant_of_the_entra_tenant_sends_too() {
    check(&neighbours());
}

/// Another tenant that publishes the Markt, with person 90 there as a pupil.
fn neighbour(examined: &mut Examined, change: fn(&mut World)) {
    let mut world = World::new();
    world.configuration.id = "duinen".parse().unwrap();
    world.person(90);
    world.registration(90, MARKT, "2026-09-01", None);
    change(&mut world);
    let today = day(examined.today);
    let neighbour = Neighbour::of(&world.mirror, &world.usernames, &world.configuration, today).unwrap();
    examined.neighbours.push(neighbour);
}

fn named(world: &mut World, local_part: &str) {
    world.usernames.get_mut(&rowguid(90)).unwrap().local_part = local_part.to_owned();
}

fn neighbours() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::InstitutionAlsoInTenant,
            triggers: |examined| {
                neighbour(examined, |world| drop(world.configuration.schools.remove(1)));
            },
            found: &[Org("001507-1")],
            says: "school 001507 (001507-1, 001507-2) is published by the tenant \"duinen\" too",
            does_not: |examined| {
                neighbour(examined, |world| {
                    for school in &mut world.configuration.schools {
                        school.sites.iter_mut().for_each(|entry| entry.sync = false);
                    }
                });
            },
        },
        Case {
            rule: Rule::UsernameAlsoInTenant,
            triggers: |examined| neighbour(examined, |world| named(world, "P1")),
            found: &[User(1)],
            says: "\"p1\" is also sent for 00000000-0000-0000-0000-0000abcd005a of the tenant \"duinen\"",
            does_not: |examined| neighbour(examined, |world| named(world, "p1b")),
        },
    ]
}

#[test]
fn r139_a_username_of_another_domain_or_of_the_same_person_is_no_clash() {
    let found = |ours: DomainMode, change: fn(&mut World)| {
        let mut examined = Examined::healthy();
        examined.world.configuration.domain_mode.pupils = ours;
        neighbour(&mut examined, change);
        examined.of(Rule::UsernameAlsoInTenant)
    };
    let with_domain: fn(&mut World) = |world| {
        world.configuration.domain_mode.pupils = DomainMode::Informat;
        named(world, "p1");
    };
    assert_eq!(
        found(DomainMode::Informat, with_domain).len(),
        1,
        "p1@markt.example both"
    );
    let elsewhere: fn(&mut World) = |world| {
        world.configuration.domain_mode.pupils = DomainMode::Informat;
        world.configuration.schools[0].sites[0].pupil_domain = Some("duin.example".parse().unwrap());
        named(world, "p1");
    };
    assert_eq!(found(DomainMode::Informat, elsewhere), []);
    let unknown = found(DomainMode::Microsoft, elsewhere);
    assert!(
        unknown[0]
            .message
            .contains("unless School Data Sync adds another domain"),
        "{unknown:?}"
    );
    let same_person: fn(&mut World) = |world| {
        world.mirror.persoon[0].rowguid = rowguid(1);
        let mut record = world.usernames.remove(&rowguid(90)).unwrap();
        (record.rowguid, record.local_part) = (rowguid(1), "p1".to_owned());
        world.usernames.insert(rowguid(1), record);
    };
    assert_eq!(found(DomainMode::Microsoft, same_person), []);
}

/// Of the other tenant's people nothing but an id is named.
#[test]
fn nothing_of_another_tenant_is_named_but_its_id_and_ids_of_people() {
    let mut examined = Examined::healthy();
    neighbour(&mut examined, |world| {
        named(world, "p1");
        world.mirror.persoon[0].naam = Some("Geheim".to_owned());
    });
    let found = format!("{:?}", examined.examine());
    assert!(found.contains("duinen") && !found.contains("Geheim"), "{found}");
}

//! Scenes about the tenant file: sites that are no school or are left out, domains, what is released by default.

use super::Object::{Org, User, Year};
use super::{Case, Examined, check};
use crate::data_quality::Rule;
use crate::informat::Schoolvest;
use crate::projection::tests::{KADE, day};
use crate::tenant::configuration::{DomainMode, FuturePupils, Site};
use crate::username::GivenDomain;

pub(super) fn cases() -> Vec<Case> {
    settings()
}

/// R40, R44, R145: what the tenant file says and cannot be meant.
#[test]
fn r145_settings_that_are_perhaps_not_meant() {
    check(&settings());
}

/// Adds site 4 of school 001507, published, without anybody.
fn site(examined: &mut Examined, structure: &str, name: &str) {
    examined.world.mirror.schoolvest.push(Schoolvest {
        instelnr: "001507".to_owned(),
        vestnrdiscimus: 4,
        hfdstructuur: structure.to_owned(),
        vestiging: name.to_owned(),
        vestcode: None,
        actief: true,
        changed: None,
    });
    let sites = &mut examined.world.configuration.schools[0].sites;
    let entry = Site {
        vestnr: 4,
        ..sites[0].clone()
    };
    sites.push(entry);
}

/// Has Microsoft add domains, of which that of the staff of a school may be known, and a client ask for addresses.
fn addresses(examined: &mut Examined, of_staff: Option<&str>) {
    let configuration = &mut examined.world.configuration;
    configuration.domain_mode.pupils = DomainMode::Microsoft;
    configuration.domain_mode.staff = DomainMode::Microsoft;
    configuration.schools[0].teacher_domain = None;
    configuration.email_domain.staff = of_staff.map(|domain| domain.parse().unwrap());
    examined.asks_for_addresses = true;
}

/// Leaves the Kade out, and puts pupil 1 of the Markt in a class there.
fn class_at_kade(examined: &mut Examined, is_linked: bool) {
    examined.world.configuration.schools[0].sites[1].sync = is_linked;
    examined.world.class(4, KADE, "5C");
    examined.world.in_class(1, 4, "2026-09-01", None);
}

fn domain(examined: &mut Examined, p_persoon: i64, domain: &str) {
    let modes = &mut examined.world.configuration.domain_mode;
    (modes.pupils, modes.staff) = (DomainMode::Informat, DomainMode::Informat);
    examined.record(p_persoon).domain = Some(GivenDomain::admin(domain.parse().unwrap()));
}

fn default_sync(examined: &mut Examined) {
    examined.world.configuration.schools[0].sites[1].sync_default = true;
}

fn settings() -> Vec<Case> {
    vec![
        Case {
            rule: Rule::DomainOfOtherKind,
            triggers: |examined| {
                domain(examined, 1, "basis.example");
                domain(examined, 11, "markt.example");
            },
            found: &[User(1), User(11)],
            says: "if that is not meant, edit the username: `oneroster usernames set --tenant t --user",
            does_not: |examined| {
                domain(examined, 1, "kade.example");
                domain(examined, 11, "secundair.example");
            },
        },
        Case {
            rule: Rule::EmailMissing,
            triggers: |examined| addresses(examined, None),
            found: &[Year],
            says: "2 of 6 people published would have no email, which a client asks for: no domain is known for \"p11\", \"p12\"",
            does_not: |examined| addresses(examined, Some("staff.example")),
        },
        Case {
            rule: Rule::MembershipAtUnlinkedSite,
            triggers: |examined| class_at_kade(examined, false),
            found: &[User(1)],
            says: "\"p1\" is in \"5C\" of 001507-2 (structure 311), which is not published",
            does_not: |examined| class_at_kade(examined, true),
        },
        Case {
            rule: Rule::NotASchool,
            triggers: |examined| site(examined, "311", "Internaat De Brug"),
            found: &[Org("001507-4")],
            says: "has \"internaat\" in its name and no pupils",
            does_not: |examined| site(examined, "311", "De Brug"),
        },
        Case {
            rule: Rule::DefaultSyncTooEarly,
            triggers: |examined| {
                default_sync(examined);
                examined.was_read_completely = false;
            },
            found: &[Year],
            says: "of 1 site (site 2 of school 001507) are released by default, but nobody has read the whole roster yet",
            does_not: default_sync,
        },
        Case {
            rule: Rule::DefaultSyncWithoutFuture,
            triggers: default_sync,
            found: &[Year],
            says: "set future_pupils = \"include\"",
            does_not: |examined| {
                default_sync(examined);
                examined.world.configuration.future_pupils = FuturePupils::Include;
            },
        },
    ]
}

/// R44: boarding houses have no registrations; a school with one in its name has.
#[test]
fn r44_a_school_with_a_boarding_house_is_a_school_and_a_strange_structure_is_none() {
    let found = |structure: &str, name: &str, has_pupil: bool| {
        let mut examined = Examined::healthy();
        site(&mut examined, structure, name);
        if has_pupil {
            let at = ("001507", 4, structure);
            examined
                .world
                .registration(1, at, "2025-09-01", Some("2026-06-30"));
        }
        examined.of(Rule::NotASchool).len()
    };
    assert_eq!(found("311", "Atheneum met internaat", true), 0);
    assert_eq!(found("311", "Internationale school", false), 0);
    assert_eq!(found("316", "Academie", true), 1);
    for structure in [
        "111", "121", "211", "221", "311", "312", "313", "321", "411", "317",
    ] {
        assert_eq!(found(structure, "De Brug", true), 0, "{structure}");
    }
    for structure in ["000", "31", "3111", "911", "CLB"] {
        assert_eq!(found(structure, "De Brug", true), 1, "{structure}");
    }
}

/// What the system gave is right by definition, and what is not sent is no matter.
#[test]
fn a_domain_of_both_kinds_or_that_is_not_sent_is_no_matter() {
    let mut examined = Examined::healthy();
    domain(&mut examined, 1, "basis.example");
    examined.world.configuration.schools[0].sites[1].pupil_domain = Some("basis.example".parse().unwrap());
    assert_eq!(examined.of(Rule::DomainOfOtherKind), []);
    let mut examined = Examined::healthy();
    domain(&mut examined, 1, "basis.example");
    examined.world.configuration.domain_mode.pupils = DomainMode::Microsoft;
    assert_eq!(examined.of(Rule::DomainOfOtherKind), []);
    let mut examined = Examined::healthy();
    domain(&mut examined, 1, "basis.example");
    examined.record(1).domain = Some(GivenDomain::system("basis.example".parse().unwrap()));
    assert_eq!(examined.of(Rule::DomainOfOtherKind), [], "the site's is sent");
}

/// A class teacher, and a pupil who is still to come, of a class that is not published.
#[test]
fn class_teachers_are_told_and_a_class_of_another_year_is_not() {
    let mut examined = Examined::healthy();
    examined.world.configuration.schools[0].sites[1].sync = false;
    examined.world.teaches(11, 2, 2, None);
    assert_eq!(examined.of(Rule::MembershipAtUnlinkedSite).len(), 1);
    examined.world.mirror.klasfunctiepersoon[3].einddatum = Some(day("2026-09-30"));
    assert_eq!(examined.of(Rule::MembershipAtUnlinkedSite), []);
    examined.world.mirror.klasfunctiepersoon[3].einddatum = None;
    examined.world.mirror.klassen[1].schooljaar = "2025-26".to_owned();
    assert_eq!(examined.of(Rule::MembershipAtUnlinkedSite), []);
}

#[test]
fn a_site_that_is_not_published_releases_nobody_by_default() {
    let mut examined = Examined::healthy();
    default_sync(&mut examined);
    examined.world.configuration.schools[0].sites[1].sync = false;
    examined.was_read_completely = false;
    assert_eq!(examined.of(Rule::DefaultSyncTooEarly), []);
    assert_eq!(examined.of(Rule::DefaultSyncWithoutFuture), []);
}

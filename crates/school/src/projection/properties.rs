//! What must hold for every roster, shown on random schools.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use oneroster_standard::{RoleType, User};
use proptest::prelude::*;

use super::tests::{KADE, KLEUTERS, MARKT, PARK, World, day as date, rowguid};
use super::*;
use crate::tenant::configuration::{DomainMode, FuturePupils};
use crate::username::{GivenDomain, Origin};

const PLACES: [(&str, i32, &str); 5] = [MARKT, KLEUTERS, KADE, PARK, ("001507", 3, "311")];
const DAYS: [&str; 6] = [
    "2026-09-01",
    "2026-10-01",
    "2026-12-31",
    "2027-01-04",
    "2027-02-01",
    "2027-06-30",
];

/// A random registration: person, place, first day, open end or a later day, status.
type Registration = (i64, usize, usize, Option<usize>, bool);

fn world() -> impl Strategy<Value = World> {
    let registrations = prop::collection::vec(
        (
            1i64..8,
            0..5usize,
            0..6usize,
            prop::option::of(0..6usize),
            any::<bool>(),
        ),
        0..14,
    );
    let memberships = prop::collection::vec((0..14usize, 1i64..6, 0..6usize), 0..20);
    let assignments = prop::collection::vec((1i64..8, 0..5usize, prop::option::of(0..6usize)), 0..6);
    let functions = prop::collection::vec((1i64..8, 1i64..6, 1..3i32), 0..8);
    let choices = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (registrations, memberships, assignments, functions, choices).prop_map(
        |(registrations, memberships, assignments, functions, (future, pupils, staff, structure))| {
            let mut world = World::new();
            for number in 1..8 {
                world.person(number);
            }
            for (class, place) in (1..).zip(PLACES) {
                world.class(class, place, "K");
            }
            for registration in registrations {
                add_registration(&mut world, registration);
            }
            let count = world.mirror.inschrijving.len();
            for (index, class, day) in memberships {
                if count > 0 {
                    world.in_class(i64::try_from(index % count).unwrap() + 1, class, DAYS[day], None);
                }
            }
            for (person, place, begin) in assignments {
                world.assignment(
                    person,
                    (PLACES[place].0, Some(PLACES[place].1)),
                    begin.map(|day| DAYS[day]),
                    None,
                );
            }
            for (person, class, function) in functions {
                world.teaches(person, class, function, None);
            }
            let configuration = &mut world.configuration;
            configuration.future_pupils = if future {
                FuturePupils::Include
            } else {
                FuturePupils::Exclude
            };
            let mode = |ours| {
                if ours {
                    DomainMode::Informat
                } else {
                    DomainMode::Microsoft
                }
            };
            (configuration.domain_mode.pupils, configuration.domain_mode.staff) = (mode(pupils), mode(staff));
            configuration.org_id_with_hoofdstructuur = structure;
            world
        },
    )
}

fn add_registration(world: &mut World, (person, place, begin, end, realised): Registration) {
    let end = end.map(|end| DAYS[end.max(begin)]);
    world.registration(person, PLACES[place], DAYS[begin], end);
    if let Some(added) = world.mirror.inschrijving.last_mut().filter(|_| !realised) {
        added.status = 1;
    }
}

fn ids<T>(objects: &[Identified<T>]) -> HashSet<&str> {
    objects.iter().map(|object| object.sourced_id.as_str()).collect()
}

fn is_sorted<T>(objects: &[Identified<T>]) -> bool {
    objects
        .windows(2)
        .all(|pair| pair[0].sourced_id < pair[1].sourced_id)
}

proptest! {
    #[test]
    fn no_reference_dangles_and_no_id_stands_twice(world in world(), day in 0..6usize) {
        let roster = world.on(DAYS[day]);
        let (sessions, orgs, courses) = (ids(&roster.academic_sessions), ids(&roster.orgs), ids(&roster.courses));
        let (classes, users) = (ids(&roster.classes), ids(&roster.users));
        prop_assert!(is_sorted(&roster.orgs) && is_sorted(&roster.courses) && is_sorted(&roster.classes));
        prop_assert!(is_sorted(&roster.users) && is_sorted(&roster.enrollments));
        for class in roster.classes.iter().map(|class| &class.content) {
            prop_assert!(orgs.contains(&*class.school.sourced_id) && courses.contains(&*class.course.sourced_id));
            prop_assert!(class.terms.iter().all(|term| sessions.contains(&*term.sourced_id)));
        }
        for user in roster.users.iter().map(|user| &user.content) {
            let own: HashSet<_> = user.orgs.iter().map(|org| &*org.sourced_id).collect();
            prop_assert!(!own.is_empty() && own.len() == user.orgs.len() && own.is_subset(&orgs));
        }
        for enrollment in roster.enrollments.iter().map(|enrollment| &enrollment.content) {
            prop_assert!(users.contains(&*enrollment.user.sourced_id) && classes.contains(&*enrollment.class.sourced_id));
            prop_assert!(orgs.contains(&*enrollment.school.sourced_id));
        }
    }

    /// A tenant is left alone until that day: until then nothing may differ.
    #[test]
    fn until_the_next_change_every_day_gives_the_same(mut world in world(), first in 0..400u64, length in 0..200u64, grace_days in 0..60u32) {
        world.configuration.staff_grace_days = grace_days;
        let today = date("2026-08-15") + Days::new(first);
        let end = |begin: Option<NaiveDate>| begin.unwrap_or(date("2026-10-20")).checked_add_days(Days::new(length));
        world.mirror.inschrklas.iter_mut().step_by(2).for_each(|row| row.totdatum = end(Some(row.vandatum)));
        world.mirror.opdracht.iter_mut().step_by(2).for_each(|row| row.einddatum = end(row.begindatum));
        world.mirror.klasfunctiepersoon.iter_mut().step_by(2).for_each(|row| row.einddatum = end(row.begindatum));
        let of = |day: NaiveDate| {
            let roster = world.on(&day.to_string());
            let facts = class_facts(&world.mirror, &world.configuration, "2026-27", day).unwrap();
            (contents(&roster), facts)
        };
        let next = next_change(&world.mirror, &world.configuration, "2026-27", today).unwrap();
        prop_assert!(next.is_none_or(|next| next > today));
        let end = next.unwrap_or_else(|| date("2027-10-01"));
        let now = of(today);
        for day in today.iter_days().skip(1).take_while(|day| *day < end).step_by(3) {
            prop_assert!(of(day) == now, "{today} {day} {next:?}");
        }
        if next.is_some() {
            let last = end.pred_opt().unwrap();
            prop_assert!(of(last) == now, "{today} {last} {next:?}");
        }
    }

    /// Why somebody or something is published agrees with what is, on the day and on all days it names.
    #[test]
    fn why_agrees_with_the_roster(world in world(), first in 0..400u64, one in 0..5usize) {
        let on = date("2026-08-15") + Days::new(first);
        let year = world.mirror.school_year("2026-27").unwrap();
        let roster = world.on(&on.to_string());
        let question = why::Question {
            mirror: &world.mirror, usernames: &world.usernames, configuration: &world.configuration, on,
        };
        let has_user = |roster: &Roster, id: &str| roster.users.iter().any(|user| user.sourced_id == id);
        let has_class = |roster: &Roster, id: &str| roster.classes.iter().any(|class| class.sourced_id == id);
        let has_both = |roster: &Roster, user: &str, class: &str| {
            roster.enrollments.iter().any(|row| row.content.user.sourced_id == user && row.content.class.sourced_id == class)
        };
        let people: Vec<_> = world.mirror.persoon.iter().map(|person| Some(person.rowguid)).collect();
        let classes: Vec<_> = world.mirror.klassen.iter().map(|klas| Some(klas.scoodle_id)).collect();
        let both: Vec<_> = people.iter().map(|person| (*person, classes[one])).collect();
        let alone = people.iter().map(|person| (*person, None)).chain(classes.iter().map(|class| (None, *class)));
        for id in alone.chain(both) {
            let answer = match id {
                (Some(person), Some(class)) => question.membership(person, class),
                (Some(person), None) => question.person(person),
                (None, class) => question.class(class.unwrap()),
            }.unwrap();
            let [user, class] = [id.0, id.1].map(|id| id.map(|id| id.to_string()));
            let has = |roster: &Roster| match (&user, &class) {
                (Some(user), Some(class)) => has_both(roster, user, class),
                (Some(user), None) => has_user(roster, user),
                (None, class) => has_class(roster, class.as_ref().unwrap()),
            };
            prop_assert_eq!(answer.is_published(), has(&roster), "{} {:?} {:?}", on, id, answer);
            let Some((from, until)) = answer.from.zip(answer.until) else {
                prop_assert!(!answer.is_published());
                for day in year.begindatum.iter_days().take_while(|day| *day <= year.einddatum).step_by(7) {
                    prop_assert!(!has(&world.on(&day.to_string())), "{day} {id:?}");
                }
                continue;
            };
            let reference = year.reference_date(on);
            prop_assert_eq!(answer.is_published(), from <= reference && reference <= until);
            for (day, expected) in [
                (from, true), (until, true), (from + Days::new((until - from).num_days().unsigned_abs() / 2), true),
                (from.pred_opt().unwrap(), false), (until.succ_opt().unwrap(), false),
            ] {
                if (year.begindatum..=year.einddatum).contains(&day) {
                    prop_assert_eq!(has(&world.on(&day.to_string())), expected, "{} {:?} {:?}", day, id, answer);
                }
            }
        }
    }

    /// R54, R61, R68: who is said to be published once released is, once released; on the reference date or on the first
    /// day of who is still to come; with the same name, role and orgs.
    #[test]
    fn r54_people_are_published_as_they_are_said_to_be(mut world in world(), day in 0..6usize) {
        let today = DAYS[day];
        let includes_future = world.configuration.future_pupils == FuturePupils::Include;
        let said = people(&world.mirror, &world.configuration, today.parse().unwrap()).unwrap().people;
        let of = |user: &User| (user.role, user.username.clone(), user.orgs.iter().map(|org| org.sourced_id.clone()).collect::<Vec<_>>());
        let expected = |person: &Person, published_as: &PublishedAs| {
            let username = published_as.naming.username(&world.usernames[&person.rowguid])?;
            Some((published_as.naming.role, username, published_as.org_ids.clone()))
        };
        let mut published = HashMap::new();
        for person in &said {
            let Some(published_as) = &person.published_as else { continue };
            if !published_as.is_future || (includes_future && published_as.naming.role == RoleType::Student) {
                published.extend(expected(person, published_as).map(|user| (person.rowguid.to_string(), user)));
            } else {
                let roster = world.on(&published_as.day.to_string());
                let found = roster.users.iter().find(|user| user.sourced_id == person.rowguid.to_string());
                prop_assert_eq!(found.map(|user| of(&user.content)), expected(person, published_as));
            }
        }
        let users = world.on(today).users;
        let users: HashMap<_, _> = users.iter().map(|user| (user.sourced_id.clone(), of(&user.content))).collect();
        prop_assert_eq!(&users, &published);
        // And nobody else ever is.
        world.configuration.future_pupils = FuturePupils::Exclude;
        for later in &DAYS[day..] {
            for user in world.on(later).users {
                let person = said.iter().find(|person| person.rowguid.to_string() == user.sourced_id).unwrap();
                prop_assert!(person.published_as.is_some());
            }
        }
    }

    /// Whatever goes when days pass has a cause, and no cause contradicts the day.
    #[test]
    fn what_goes_as_days_pass_has_a_cause_that_fits_the_day(world in world(), first in 0..6usize, second in 0..6usize) {
        let (before, after) = (DAYS[first.min(second)], DAYS[first.max(second)]);
        let (seen, roster) = (contents(&world.on(before)), world.on(after));
        let there: HashSet<_> = contents(&roster).into_iter().map(|(kind, id, _)| (kind, id)).collect();
        let gone: Vec<_> = seen.iter().filter(|(kind, id, _)| !there.contains(&(*kind, id.clone()))).collect();
        let requests: Vec<_> = gone.iter()
            .map(|(kind, sourced_id, content)| ExplainRequest::Removed { kind: *kind, sourced_id, content })
            .collect();
        let sources = Sources {
            mirror: &world.mirror,
            usernames: &world.usernames,
            configuration: &world.configuration,
            school_year: "2026-27",
            today: date(after),
            last_seen: Some(date(before)),
        };
        for (object, causes) in gone.iter().zip(explain(&sources, &roster, &requests).unwrap()) {
            prop_assert!(!causes.is_empty(), "{:?}", object);
            for cause in &causes {
                if let Cause::RegistrationEnded { last_day, .. } | Cause::AssignmentEnded { last_day, .. }
                    | Cause::LeftClass { last_day } | Cause::TeachingEnded { last_day } = cause {
                    prop_assert!(date(before) <= *last_day && *last_day < date(after), "{:?}: {:?}", object, causes);
                }
                if let Cause::RegistrationToCome { first_day, .. } | Cause::AssignmentToCome { first_day }
                    | Cause::ClassToCome { first_day } | Cause::TeachingToCome { first_day } = cause {
                    prop_assert!(*first_day > date(after), "{:?}: {:?}", object, causes);
                }
            }
        }
    }

    #[test]
    fn the_survey_holds_what_the_roster_is_made_from(world in world(), day in 0..6usize) {
        let rows = PublishedRows::new(&world.mirror.schoolvest, &world.configuration);
        let candidates = roster_candidates(&world.mirror, &world.configuration, &rows, date(DAYS[day])).unwrap();
        let roster = world.on(DAYS[day]);
        let users = ids(&roster.users);
        let expected: Vec<_> = roster.classes.iter().map(|class| (&class.sourced_id, &class.content.title)).collect();
        let mut classes: Vec<_> = candidates.classes.values().map(|group| (&group.sourced_id, &group.title)).collect();
        classes.sort();
        prop_assert_eq!(classes, expected);
        for user in &roster.users {
            let present = candidates.people.iter().find(|(number, _)| rowguid(**number).to_string() == user.sourced_id);
            let (number, present) = present.unwrap();
            let orgs: Vec<_> = user.content.orgs.iter().map(|org| &*org.sourced_id).collect();
            prop_assert_eq!(&present.org_ids, &orgs);
            prop_assert_eq!(present.naming.username(&world.usernames[&rowguid(*number)]), Some(user.content.username.clone()));
        }
        let members: HashSet<String> = candidates.classes.iter()
            .flat_map(|(p_klas, group)| group.students.union(&group.teachers).map(move |number| (number, p_klas)))
            .filter(|(number, _)| users.contains(&*rowguid(**number).to_string()))
            .map(|(number, p_klas)| format!("{}-{p_klas}", rowguid(*number)))
            .collect();
        let enrolled: HashSet<String> = ids(&roster.enrollments).into_iter().map(str::to_owned).collect();
        prop_assert_eq!(members, enrolled);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(mut world in world(), day in 0..6usize) {
        let roster = world.on(DAYS[day]);
        world.mirror.schoolvest.reverse();
        world.mirror.persoon.reverse();
        world.mirror.inschrijving.reverse();
        world.mirror.klassen.reverse();
        world.mirror.inschrklas.reverse();
        world.mirror.opdracht.reverse();
        world.mirror.klasfunctiepersoon.reverse();
        prop_assert_eq!(world.on(DAYS[day]), roster);
    }

    #[test]
    fn everyone_seen_has_a_record_once_allocated_and_allocating_again_does_nothing(mut world in world(), day in 0..6usize) {
        world.configuration.schools.iter_mut().flat_map(|school| &mut school.sites).for_each(|site| site.sync_default = true);
        world.usernames.clear();
        let plan = world.plan(DAYS[day]);
        for new in plan.create {
            let record = new.into_record(chrono::DateTime::UNIX_EPOCH);
            prop_assert!(world.usernames.insert(record.rowguid, record).is_none());
        }
        let names: HashSet<_> = world.usernames.values().map(|record| &record.local_part).collect();
        prop_assert_eq!(names.len(), world.usernames.len());
        let again = world.plan(DAYS[day]);
        prop_assert!(again.create.is_empty() && again.set_domain.is_empty());
        let published = ids_of_published(&world, DAYS[day]);
        for number in 1..8 {
            let domain = "d.example".parse().unwrap();
            world.usernames.entry(rowguid(number)).or_insert_with(|| Record {
                domain: Some(GivenDomain::admin(domain)), sync: true, origin: Origin::Manual,
                ..Record::new(rowguid(number), format!("extra{number}"), chrono::DateTime::UNIX_EPOCH)
            });
        }
        prop_assert_eq!(ids_of_published(&world, DAYS[day]), published, "nobody is seen who was not given a record");
    }
}

fn ids_of_published(world: &World, day: &str) -> Vec<String> {
    world
        .on(day)
        .users
        .into_iter()
        .map(|user| user.sourced_id)
        .collect()
}
